import { randomBytes } from 'node:crypto';
import { headerValue, type Header } from './client-request';

/** An id in the form of `extendedRequestId`: 15 characters and `=`, e.g. `J9phtGjGrPEFfZg=`. */
export function newExtendedRequestId(): string {
  return randomBytes(11).toString('base64').replaceAll('+', '-').replaceAll('/', '_');
}

/**
 * The trace header: a new `Root`, or a new `Self` before what the client sent. Documented for load balancers, and what REST APIs
 * are seen to do. What becomes of a client's header without `Root` is documented nowhere: it is treated alike.
 *
 * @see https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-request-tracing.html
 */
export function traceIdOf(headers: readonly Header[]): string {
  const seconds = Math.floor(Date.now() / 1000).toString(16);
  const id = `1-${seconds}-${randomBytes(12).toString('hex')}`;
  const claimed = (headerValue(headers, 'x-amzn-trace-id') ?? '')
    .split(';')
    .map((field) => field.trim())
    .filter((field) => field !== '' && !/^self=/i.test(field));
  return claimed.length === 0 ? `Root=${id}` : [`Self=${id}`, ...claimed].join(';');
}

/** Time in the form of access logs, UTC: `12/Mar/2020:19:03:58 +0000`. */
export function logTime(epochMs: number): string {
  const [, day, month, year, time] = /^\w+, (\d+) (\w+) (\d+) ([\d:]+)/.exec(new Date(epochMs).toUTCString()) ?? [];
  return `${day}/${month}/${year}:${time} +0000`;
}
