import { randomBytes } from 'node:crypto';
import { headerValue, type Header } from './client-request';

/** An id in the form of `extendedRequestId`: 15 characters and `=`, e.g. `J9phtGjGrPEFfZg=`. */
export function newExtendedRequestId(): string {
  return randomBytes(11).toString('base64').replaceAll('+', '-').replaceAll('/', '_');
}

/**
 * The X-Ray trace header: the client's, else a new one.
 *
 * @see https://docs.aws.amazon.com/xray/latest/devguide/xray-concepts.html#xray-concepts-tracingheader
 */
export function traceIdOf(headers: readonly Header[]): string {
  const seconds = Math.floor(Date.now() / 1000).toString(16);
  return headerValue(headers, 'x-amzn-trace-id') ?? `Root=1-${seconds}-${randomBytes(12).toString('hex')}`;
}

/** Time in the form of access logs, UTC: `12/Mar/2020:19:03:58 +0000`. */
export function logTime(epochMs: number): string {
  const [, day, month, year, time] = /^\w+, (\d+) (\w+) (\d+) ([\d:]+)/.exec(new Date(epochMs).toUTCString()) ?? [];
  return `${day}/${month}/${year}:${time} +0000`;
}
