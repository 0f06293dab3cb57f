import { isUtf8 } from 'node:buffer';
import type { APIGatewayProxyResult, APIGatewayProxyStructuredResultV2 } from 'aws-lambda';
import type { HeaderPair } from '../../lib/event/privacy/headers';

/** The answer that a caller gets, whoever gave it. */
export interface Answer {
  readonly statusCode: number;
  readonly headers: readonly HeaderPair[];
  readonly body: Buffer;
}

/**
 * Largest answer that a function can give: 6 MB of JSON, less room for what stands around the body.
 *
 * @see https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html
 */
export const MAX_RESULT_BYTES = 6 * 1024 * 1024 - 1024;

/** For a REST API: every header by a list, so that repeated ones stay apart. */
export function restResult({ statusCode, headers, body }: Answer): APIGatewayProxyResult {
  const multiValueHeaders: Record<string, string[]> = {};
  for (const [name, value] of headers) (multiValueHeaders[name] ??= []).push(value);
  return { statusCode, multiValueHeaders, ...encoded(body) };
}

/** For an HTTP API: repeated headers joined by commas (RFC 9110 section 5.3), cookies apart. */
export function httpResult({ statusCode, headers, body }: Answer): APIGatewayProxyStructuredResultV2 {
  const joined: Record<string, string> = {};
  const cookies: string[] = [];
  for (const [name, value] of headers) {
    const key = name.toLowerCase();
    if (key === 'set-cookie') cookies.push(value);
    else joined[key] = joined[key] === undefined ? value : `${joined[key]}, ${value}`;
  }
  return { statusCode, headers: joined, ...(cookies.length > 0 ? { cookies } : {}), ...encoded(body) };
}

/** Text stays text (a third smaller than base64), all else is base64; the bytes are the same either way. */
function encoded(body: Buffer): { body: string; isBase64Encoded: boolean } {
  const text = isUtf8(body) && !hasByteOrderMark(body);
  return { body: body.toString(text ? 'utf8' : 'base64'), isBase64Encoded: !text };
}

/** Decoders like to swallow it. */
function hasByteOrderMark(body: Buffer): boolean {
  return body[0] === 0xef && body[1] === 0xbb && body[2] === 0xbf;
}
