import type { ALBEvent, APIGatewayProxyEventV2 } from 'aws-lambda';
import type { ClientRequest } from '../../bin/local/gateway/client-request';
import { forwardedHeaders } from '../../bin/local/gateway/forwarded';
import { httpEvent } from '../../bin/local/gateway/http-api/event';
import { restEvent } from '../../bin/local/gateway/rest-api/event';
import type { HeaderPair } from '../../lib/event/privacy/headers';
import { albEvent, ARRIVED, functionUrlEvent } from '../support/gateway-events';
import type { Format, Sent } from './case';

export const API_HOST = 'api.example.com';
export const CALLER_IP = '203.0.113.9';

/** The event that AWS makes of a request. REST and HTTP APIs by the local gateway's own builders, the others by ours. */
export function eventOf(format: Format, sent: Sent): unknown {
  const request = clientRequest(sent);
  switch (format) {
    case 'rest-event':
    case 'rest-stream':
      return restEvent(request);
    case 'http-event':
      return httpEvent(request);
    case 'alb-event':
      return loadBalancerEvent(request);
    case 'url-event':
      return urlEvent(request);
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

/** Path and query as they came; header names in lower case; `X-Forwarded-…` appended to. */
function loadBalancerEvent(request: ClientRequest): ALBEvent {
  const forwarded = forwardedHeaders(request);
  const replaced = new Set(forwarded.map(([name]) => name.toLowerCase()));
  const { method, path, query, body } = request;
  const pairs = query.split('&').filter((part) => part !== '').map((part) => [part.split('=')[0] ?? '', part.split('=').slice(1).join('=')] as const); // prettier-ignore
  const headers = [...request.headers.filter(([name]) => !replaced.has(name.toLowerCase())), ...forwarded];
  return albEvent({ method, path, query: pairs, headers, ...(body.length > 0 && { body }) });
}

/** As an HTTP API's, but for the path, which is not decoded. */
function urlEvent(request: ClientRequest): APIGatewayProxyEventV2 {
  const { headers, rawQueryString, cookies, body, isBase64Encoded } = httpEvent({ ...request, path: '/' });
  const event = functionUrlEvent({
    method: request.method,
    rawPath: request.path,
    query: rawQueryString,
    headers: headers as Record<string, string>,
    ...(cookies && { cookies }),
  });
  return { ...event, ...(body !== undefined && { body }), isBase64Encoded };
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
