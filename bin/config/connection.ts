import path from 'node:path';
import { checkConnection, type ConnectionInput, type ConnectionProblem } from '../../lib/routing/connection';
import type { Place } from './problem';
import type { RawConnection } from './raw-config';
import { parseDuration } from './units';

const FILE = 'file:';

/**
 * What a route of the file says of connections, in the words of the function.
 *
 * @param folder that of the config file, from which files of certificates are named
 */
export function connectionInput(raw: RawConnection, folder: string): ConnectionInput {
  const { maxConnections, retries, circuitBreaker, tls } = raw;
  const absolute = (id: string | undefined) =>
    id?.startsWith(FILE) ? FILE + path.resolve(folder, id.slice(FILE.length)) : id;
  const all: ConnectionInput = {
    connectTimeoutMs: duration(raw.connectTimeout),
    firstByteTimeoutMs: duration(raw.firstByteTimeout),
    idleTimeoutMs: duration(raw.idleTimeout),
    maxConnections,
    retries,
    circuitFailures: circuitBreaker?.failures,
    circuitOpenMs: duration(circuitBreaker?.openFor),
    serverName: tls?.serverName,
    ca: absolute(tls?.ca),
    clientCertificate: absolute(tls?.clientCertificate),
  };
  // Settings have little room: what is absent is left out.
  return Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined));
}

const PLACES: Readonly<Record<keyof ConnectionInput, Place>> = {
  connectTimeoutMs: ['connectTimeout'],
  firstByteTimeoutMs: ['firstByteTimeout'],
  idleTimeoutMs: ['idleTimeout'],
  maxConnections: ['maxConnections'],
  retries: ['retries'],
  circuitFailures: ['circuitBreaker', 'failures'],
  circuitOpenMs: ['circuitBreaker', 'openFor'],
  serverName: ['tls', 'serverName'],
  ca: ['tls', 'ca'],
  clientCertificate: ['tls', 'clientCertificate'],
};

/** Checks what a JSON Schema cannot say of it. What does not even have the right type is passed over. */
export function connectionProblems(
  raw: unknown,
  { upstream, streaming }: { readonly upstream?: unknown; readonly streaming?: unknown },
): { place: Place; message: string }[] {
  if (typeof raw !== 'object' || raw === null) return [];
  const { circuitBreaker, tls, ...flat } = raw as Record<string, unknown>;
  const known = { ...ofTypes(flat), circuitBreaker: ofTypes(circuitBreaker), tls: ofTypes(tls) } as RawConnection;
  const isSecure = typeof upstream === 'string' ? upstream.startsWith('https:') : undefined;
  return checkConnection(connectionInput(known, '/'), { isSecure, streaming: streaming === true }).map(
    ({ key, message }: ConnectionProblem) => ({
      place: PLACES[key],
      message,
    }),
  );
}

function ofTypes(raw: unknown): Record<string, unknown> {
  if (typeof raw !== 'object' || raw === null) return {};
  return Object.fromEntries(Object.entries(raw).filter(([, value]) => /^(?:string|number)$/.test(typeof value)));
}

function duration(text: string | undefined): number | undefined {
  return typeof text === 'string' ? parseDuration(text) : undefined;
}
