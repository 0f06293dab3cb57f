import { identityHeaderTest } from '../../../lib/identity/identity-headers';
import { connectionOf, type Connection } from '../../../lib/routing/connection';
import { DEFAULT_TIMEOUT_MS, type Route } from '../../../lib/routing/route';
import { http, https } from '../../recorder/aws/builtin-http';
import { Problem } from '../problem';
import { agentsOf, type Agents } from './agents';
import { CircuitBreaker } from './circuit-breaker';
import { Places } from './places';
import { SecretTls } from './tls';

/** The service behind a route, with its open connections. */
export interface Upstream {
  readonly route: Route;
  readonly secure: boolean;
  readonly module: typeof http | typeof https;
  /** Its open connections; others once certificates are read, and read again. */
  agents: Agents;
  /** Places for connections in use. */
  readonly places: Places;
  readonly connection: Connection;
  readonly circuit: CircuitBreaker;
  /** Undefined where Node.js' own certificates do. */
  readonly tls: SecretTls | undefined;
  readonly hostname: string;
  readonly port: number;
  /** What stands in the Host header. */
  readonly host: string;
  /** Whether a caller could pass for somebody else by a header of this name. */
  readonly isIdentityHeader: (name: string) => boolean;
  /** Path of the base URL, without a slash at the end. */
  readonly basePath: string;
  /** When the last exchange ended, monotonic milliseconds; connections go stale (see connections.ts). */
  lastUsed: number;
}

export interface UpstreamOptions {
  /** Text of a secret, by its id. */
  readonly readSecret?: (id: string) => Promise<string>;
  /** Told when requests begin to be refused, since too many in a row have failed. */
  readonly onCircuitOpen?: () => void;
}

export function upstreamOf(route: Route, { readSecret, onCircuitOpen }: UpstreamOptions = {}): Upstream {
  const url = new URL(route.upstream);
  const secure = url.protocol === 'https:';
  const connection = connectionOf({
    // Where answers are streamed the whole of one may take long, its beginning must not.
    ...(route.streaming && { firstByteTimeoutMs: DEFAULT_TIMEOUT_MS }),
    ...route.connection,
  });
  return {
    route,
    secure,
    module: secure ? https : http,
    agents: agentsOf(secure),
    places: new Places(connection.maxConnections),
    connection,
    circuit: new CircuitBreaker(connection, onCircuitOpen),
    tls: secure ? secretTls(connection, readSecret) : undefined,
    hostname: url.hostname.replace(/^\[|\]$/g, ''),
    port: url.port === '' ? (secure ? 443 : 80) : Number(url.port),
    host: url.host,
    isIdentityHeader: identityHeaderTest(route.stripHeaders),
    basePath: url.pathname.replace(/\/$/, ''),
    lastUsed: 0,
  };
}

function secretTls(connection: Connection, read: UpstreamOptions['readSecret']): SecretTls | undefined {
  const { serverName, ca, clientCertificate } = connection;
  if (serverName === undefined && ca === undefined && clientCertificate === undefined) return undefined;
  const nobody = (): Promise<never> => Promise.reject(new Error('there is nobody to read secrets'));
  return new SecretTls(connection, read ?? nobody);
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
    throw new Problem('ambiguous_path', 'the path without its prefix must not begin with "//"');
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
