import type { OutgoingRequest } from './exchange';
import type { Upstream } from './upstream';

/**
 * A kept connection may have been closed by the service while the environment was frozen or idle, and nobody told us.
 * Node.js services close after 5 s of idleness, most others later (hence the default of `idleTimeoutMs`). A request that can be
 * sent again is worth a try on an older connection; one that cannot (POST) gets a fresh connection sooner.
 */
const MAX_IDLE_OF_OTHERS_MS = 1_000;

const IDEMPOTENT = new Set(['GET', 'HEAD', 'OPTIONS', 'PUT', 'DELETE', 'TRACE']);

/** Whether a method may be sent again without harm (RFC 9110 section 9.2.2). */
export function isIdempotent(method: string): boolean {
  return IDEMPOTENT.has(method);
}

/** Methods that are made to carry a body: a service that does not read one breaks HTTP in a way that shows at once. */
const BODY_METHODS = new Set(['POST', 'PUT', 'PATCH']);

/**
 * Whether a request must not share a connection. The body of a GET, HEAD, DELETE or OPTIONS has no defined meaning (RFC 9110
 * section 9.3.1), and some services do not read it: it stays on the connection and becomes the next request, whose
 * answer another caller would get. The same goes for every method that is not known to have a body.
 */
export function needsOwnConnection({ method, body }: Pick<OutgoingRequest, 'method' | 'body'>): boolean {
  return body.length > 0 && !BODY_METHODS.has(method);
}

/** Closes kept connections that may have gone stale. @param now monotonic milliseconds */
export function dropStaleConnections(upstream: Upstream, method: string, now: number): void {
  const { idleTimeoutMs } = upstream.connection;
  const limit = isIdempotent(method) ? idleTimeoutMs : Math.min(idleTimeoutMs, MAX_IDLE_OF_OTHERS_MS);
  if (now - upstream.lastUsed > limit) dropIdleConnections(upstream);
}

/** Closes all kept connections that are not in use: the next request gets a fresh one. */
export function dropIdleConnections({ agents }: Upstream): void {
  for (const sockets of Object.values(agents.kept.freeSockets)) {
    for (const socket of sockets ?? []) socket.destroy();
  }
}
