import type { Agent as HttpAgent } from 'node:http';
import type { Route } from '../../../lib/routing/route';
import { http, https } from '../../recorder/aws/builtin-http';
import { Problem } from '../problem';

/** The service behind a route, with its open connections. */
export interface Upstream {
  readonly route: Route;
  readonly secure: boolean;
  readonly module: typeof http | typeof https;
  readonly agent: HttpAgent;
  readonly hostname: string;
  readonly port: number;
  /** What stands in the Host header. */
  readonly host: string;
  /** Path of the base URL, without a slash at the end. */
  readonly basePath: string;
  /** When the last exchange ended, monotonic milliseconds; connections go stale (see connections.ts). */
  lastUsed: number;
}

/** Connections to one service that are open at once, at most. An environment serves one request at a time. */
const MAX_SOCKETS = 16;

export function upstreamOf(route: Route): Upstream {
  const url = new URL(route.upstream);
  const secure = url.protocol === 'https:';
  const options = { keepAlive: true, maxSockets: MAX_SOCKETS, scheduling: 'lifo' as const };
  return {
    route,
    secure,
    module: secure ? https : http,
    agent: secure ? new https.Agent(options) : new http.Agent(options),
    hostname: url.hostname.replace(/^\[|\]$/g, ''),
    port: url.port === '' ? (secure ? 443 : 80) : Number(url.port),
    host: url.host,
    basePath: url.pathname.replace(/\/$/, ''),
    lastUsed: 0,
  };
}

/**
 * The path and query that the service gets: its base path, then the request's path as it came, without the prefix if so
 * asked.
 *
 * @throws Problem if what is left begins with `//`: a service could take its first segment for a host
 */
export function targetOf({ route, basePath }: Upstream, path: string, query: string): string {
  const target = basePath + (route.stripPrefix ? withoutPrefix(path, route.path) : path);
  if (basePath === '' && target.startsWith('//')) {
    throw new Problem('ambiguous_request', 'the path without its prefix must not begin with "//"');
  }
  return query === '' ? target : `${target}?${query}`;
}

/** Takes off as many segments as the prefix has: the request may spell them in another way (`%6Frders`). */
function withoutPrefix(path: string, prefix: string): string {
  const segments = prefix === '/' ? 0 : prefix.split('/').length - 1;
  const rest = path
    .split('/')
    .slice(1 + segments)
    .join('/');
  return '/' + rest;
}
