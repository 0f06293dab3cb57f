import { isUtf8 } from 'node:buffer';
import type { APIGatewayProxyResult, APIGatewayProxyStructuredResultV2 } from 'aws-lambda';
import type { HeaderPair } from '../../lib/event/privacy/headers';
import type { AnswerFormat } from './incoming/incoming-request';

/** The answer that a caller gets, whoever gave it. */
export interface Answer {
  readonly statusCode: number;
  readonly headers: readonly HeaderPair[];
  readonly body: Buffer;
}

export type ProxyResult = APIGatewayProxyResult | APIGatewayProxyStructuredResultV2;

/**
 * Largest body that a function can give, in bytes of its JSON: 6 MB, less room for headers (16 KB as node:http takes
 * them, more in JSON).
 *
 * @see https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html
 */
export const MAX_RESULT_BYTES = 6 * 1024 * 1024 - 64 * 1024;

/** An answer in the form that the API understands. */
export function resultOf(answer: Answer, format: AnswerFormat): ProxyResult {
  return format === 'rest' ? restResult(answer) : httpResult(answer);
}

/** For a REST API: every header by a list, so that repeated ones stay apart, under the spelling that came first. */
export function restResult({ statusCode, headers, body }: Answer): APIGatewayProxyResult {
  return { statusCode, multiValueHeaders: headersByList(headers), ...encoded(body) };
}

export function headersByList(headers: readonly HeaderPair[]): Record<string, string[]> {
  const spellings = emptyMap<string>();
  const lists = emptyMap<string[]>();
  for (const [name, value] of headers) {
    const spelling = (spellings[name.toLowerCase()] ??= name);
    (lists[spelling] ??= []).push(value);
  }
  return lists;
}

/** For an HTTP API: repeated headers joined by commas (RFC 9110 section 5.3), cookies apart. */
export function httpResult({ statusCode, headers, body }: Answer): APIGatewayProxyStructuredResultV2 {
  return { statusCode, ...headersJoined(headers), ...encoded(body) };
}

export function headersJoined(headers: readonly HeaderPair[]): { headers: Record<string, string>; cookies?: string[] } {
  const joined = emptyMap<string>();
  const cookies: string[] = [];
  for (const [name, value] of headers) {
    const key = name.toLowerCase();
    if (key === 'set-cookie') cookies.push(value);
    else joined[key] = joined[key] === undefined ? value : `${joined[key]}, ${value}`;
  }
  return { headers: joined, ...(cookies.length > 0 ? { cookies } : {}) };
}

/** Whether a body fits into a function's result, in the shorter of its two forms. */
export function fitsIntoResult(body: Buffer): boolean {
  return isSmall(body) || Math.min(base64Bytes(body), isText(body) ? jsonBytes(body) : Infinity) <= MAX_RESULT_BYTES;
}

/** Text stays text, all else is base64; the bytes are the same either way. A large body takes the shorter form. */
function encoded(body: Buffer): { body: string; isBase64Encoded: boolean } {
  const text = isText(body) && (isSmall(body) || jsonBytes(body) <= base64Bytes(body));
  return { body: body.toString(text ? 'utf8' : 'base64'), isBase64Encoded: !text };
}

/** Fits in whatever form: a byte takes at most six in JSON (`\u0000`). */
function isSmall(body: Buffer): boolean {
  return body.length * 6 <= MAX_RESULT_BYTES;
}

function jsonBytes(body: Buffer): number {
  return Buffer.byteLength(JSON.stringify(body.toString()));
}

function base64Bytes(body: Buffer): number {
  return Math.ceil(body.length / 3) * 4 + 2;
}

/** A byte order mark is none: decoders like to swallow it. */
function isText(body: Buffer): boolean {
  return isUtf8(body) && !(body[0] === 0xef && body[1] === 0xbb && body[2] === 0xbf);
}

/** A service chooses the names: one of `Object.prototype` (`constructor`, `__proto__`) must be a name like any other. */
function emptyMap<T>(): Record<string, T> {
  return Object.create(null) as Record<string, T>;
}
