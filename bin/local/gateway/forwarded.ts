import type { ClientRequest, Header } from './client-request';
import { headerValue } from './client-request';

/** Headers by which the gateway says where a request came from; what a client claims in front of it is kept. */
export function forwardedHeaders(request: ClientRequest): readonly Header[] {
  const claimed = headerValue(request.headers, 'x-forwarded-for');
  return [
    ['X-Amzn-Trace-Id', request.ids.traceId],
    ['X-Forwarded-For', claimed === undefined ? request.sourceIp : `${claimed}, ${request.sourceIp}`],
    ['X-Forwarded-Port', String(request.port)],
    ['X-Forwarded-Proto', 'http'],
  ];
}

/** Names, in lower case, that the gateway sets itself. */
export const FORWARDED_NAMES: ReadonlySet<string> = new Set([
  'x-amzn-trace-id',
  'x-forwarded-for',
  'x-forwarded-port',
  'x-forwarded-proto',
]);
