import type { ClientRequest } from '../../bin/local/gateway/client-request';
import { httpEvent } from '../../bin/local/gateway/http-api/event';
import { restEvent } from '../../bin/local/gateway/rest-api/event';
import type { HeaderPair } from '../../lib/event/privacy/headers';
import { ARRIVED, STAGE_VARIABLES } from '../support/gateway-events';
import type { Format, Sent } from './case';

export const API_HOST = 'api.example.com';
export const CALLER_IP = '203.0.113.9';

/** The event that API Gateway makes of a request, by the local gateway's own builders. */
export function eventOf(format: Format, sent: Sent): unknown {
  const request = clientRequest(sent);
  switch (format) {
    case 'rest-event':
    case 'rest-stream':
      return restEvent(request, STAGE_VARIABLES);
    case 'http-event':
      return httpEvent(request, STAGE_VARIABLES);
    default:
      throw new Error(`${format} makes its events itself`);
  }
}

function clientRequest({
  method = 'GET',
  path = '/orders/7',
  query = '',
  headers = [],
  body = '',
}: Sent): ClientRequest {
  return {
    method,
    path,
    resource: '/',
    query,
    protocol: 'HTTP/1.1',
    headers: [['Host', API_HOST], ...headers],
    body: Buffer.from(body),
    sourceIp: CALLER_IP,
    port: 443,
    time: ARRIVED,
    ids: {
      requestId: 'request-1',
      extendedRequestId: 'extended-1',
      traceId: 'Root=1-67891234-12456789abcdef0123456789',
    },
    caller: undefined,
  };
}

/** The same request as bytes. A body goes with its length, unless the case says how it goes. */
export function wireOf({ method = 'GET', path = '/orders/7', query = '', headers = [], body }: Sent): Buffer {
  const told = headers.some(([name]) => /^(?:content-length|transfer-encoding)$/i.test(name));
  const lines = [
    `${method} ${path}${query === '' ? '' : `?${query}`} HTTP/1.1`,
    `Host: ${API_HOST}`,
    ...headers.map(([name, value]: HeaderPair) => `${name}: ${value}`),
    ...(body === undefined || told ? [] : [`Content-Length: ${Buffer.byteLength(body)}`]),
  ];
  return Buffer.concat([Buffer.from(`${lines.join('\r\n')}\r\n\r\n`, 'latin1'), Buffer.from(body ?? '')]);
}
