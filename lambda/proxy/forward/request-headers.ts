import { comparedName } from '../../../lib/identity/identity-headers';
import { ASSERTION_HEADER } from '../../../lib/routing/assertion';
import type { IncomingRequest } from '../incoming/incoming-request';
import type { Trace } from '../trace';
import { connectionHeaders, HOP_BY_HOP } from './hop-by-hop';
import type { Upstream } from './upstream';

/**
 * Headers by which a caller could pass for another request or another address, or speak in the proxy's name; those of
 * who called are in lib/identity/identity-headers.ts. `Proxy` becomes the environment variable HTTP_PROXY in CGI programs (https://httpoxy.org).
 */
const SPOOFABLE = /^(?:x-forwarded(?:-.*)?|forwarded|x-real-ip|x-client-ip|x-cluster-client-ip|true-client-ip|x-request-id|x-original-.*|x-rewrite-url|(?:x-)?(?:http-)?method(?:-override)?|proxy)$/; // prettier-ignore

/** Set anew for the service. */
const REPLACED = new Set(['host', 'content-length', 'traceparent', 'expect']);

/**
 * The headers that the service gets: what the caller sent, in order and spelling, less hop-by-hop and spoofable ones,
 * with what the proxy vouches for.
 *
 * - `Host` is the service's own; `X-Forwarded-Host` says which host the caller asked, with its port where the caller wrote one.
 * - `X-Forwarded-For` is the list as API Gateway made it; its last entry is the address that API Gateway saw. The
 *   entries before it are the caller's claim.
 * - `X-Request-Id` is API Gateway's request id, the same as in the event and the answer.
 * - `X_Request_Id` is dropped like `X-Request-Id`: many servers (WSGI, Rack, CGI) take `_` and `-` for the same.
 * - `X-Audit-Assertion` says who called, signed by the proxy, where assertions are on.
 *
 * @returns name, value, name, value …, as node:http takes it
 */
export function requestHeaders(
  request: IncomingRequest,
  { host, isIdentityHeader }: Pick<Upstream, 'host' | 'isIdentityHeader'>,
  trace: Trace,
  assertion?: string,
): string[] {
  const dropped = connectionHeaders(request.headers);
  const headers: string[] = [];
  const put = (name: string, value: string) => headers.push(name, value);

  put('Host', host);
  for (const [name, value] of request.headers) {
    const key = comparedName(name);
    if (HOP_BY_HOP.has(key) || dropped.has(name.toLowerCase()) || REPLACED.has(key) || SPOOFABLE.test(key)) continue;
    if (isIdentityHeader(name)) continue;
    if (key === 'tracestate' && !trace.continued) continue;
    put(name, value);
  }
  if (request.body.length > 0 || declaresBody(request)) put('Content-Length', String(request.body.length));
  put('X-Forwarded-For', forwardedFor(request));
  put('X-Forwarded-Proto', request.scheme);
  const port = forwardedPort(request);
  if (port !== undefined) put('X-Forwarded-Port', port);
  const callersHost = forwardedHost(request);
  if (callersHost !== undefined) put('X-Forwarded-Host', callersHost);
  put('X-Request-Id', request.requestUid);
  if (assertion !== undefined) put(ASSERTION_HEADER, assertion);
  put('traceparent', trace.traceparent);
  put('Via', '1.1 cdk-audit-proxy');
  return headers;
}

function forwardedFor(request: IncomingRequest): string {
  const list = valuesOf(request.headers, 'x-forwarded-for').filter((address) => address !== '');
  const seen = request.source.ip ?? 'unknown';
  if (list.at(-1) !== seen) list.push(seen);
  return list.join(', ');
}

/** The port that the caller reached, as API Gateway tells: the last value is its own. */
function forwardedPort({ headers }: IncomingRequest): string | undefined {
  const last = valuesOf(headers, 'x-forwarded-port').at(-1);
  return last !== undefined && /^\d{1,5}$/.test(last) ? last : undefined;
}

/**
 * The host that the caller asked. Its name is API Gateway's word, its port the caller's: API Gateway tells the name alone, and a
 * service that builds links needs both where the port is not the usual one.
 */
function forwardedHost({ hostname, headers }: IncomingRequest): string | undefined {
  if (hostname === undefined) return undefined;
  const [asked, ...more] = valuesOf(headers, 'host');
  const port = more.length === 0 && asked?.toLowerCase().startsWith(`${hostname.toLowerCase()}:`) ? asked.slice(hostname.length) : ''; // prettier-ignore
  return /^:\d{1,5}$/.test(port) ? hostname + port : hostname;
}

function valuesOf(headers: IncomingRequest['headers'], name: string): string[] {
  return headers
    .filter(([header]) => header.toLowerCase() === name)
    .flatMap(([, value]) => value.split(','))
    .map((value) => value.trim());
}

/**
 * An empty body is told where one could be expected (RFC 9110 section 8.6), or as it came; API Gateway drops the header.
 * Without a length, node:http would send it in chunks.
 */
function declaresBody({ method, headers }: IncomingRequest): boolean {
  return (
    !/^(?:GET|HEAD|DELETE|OPTIONS|TRACE)$/.test(method) ||
    headers.some(([name]) => /^(?:content-length|transfer-encoding)$/i.test(name))
  );
}
