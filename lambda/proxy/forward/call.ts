import { setTimeout as pause } from 'node:timers/promises';
import { Problem, type ProblemCode } from '../problem';
import { dropIdleConnections, dropStaleConnections, isIdempotent } from './connections';
import { exchange, StaleConnection, type OutgoingRequest, type ServiceAnswer } from './exchange';
import type { Upstream } from './upstream';

/** Where no byte of the request was sent. */
const NOT_CONNECTED: ReadonlySet<ProblemCode> = new Set(['upstream_unreachable', 'upstream_connect_timeout']);
/** Where the service is at fault, so that it is left alone after too many of them. */
const FAILURES: ReadonlySet<ProblemCode> = new Set([
  ...NOT_CONNECTED,
  'upstream_reset',
  'upstream_first_byte_timeout',
  'upstream_timeout',
]);
/** Where the call was given up, whatever the service would have done. */
const GIVEN_UP: ReadonlySet<ProblemCode> = new Set(['client_left', 'unrecorded']);
/** Between two tries to connect, in milliseconds. */
const RETRY_PAUSE_MS = 50;

/**
 * Sends a request to the service, unless that has failed too often in a row.
 *
 * @param timeoutMs until the last byte of the answer, over all tries
 * @param signal aborts the call, at whatever stage; its reason is the code of the problem
 * @returns once the head of the answer is there
 * @throws Problem if there is no answer to pass on
 */
export async function call(
  upstream: Upstream,
  request: OutgoingRequest,
  timeoutMs: number,
  signal?: AbortSignal,
): Promise<ServiceAnswer> {
  const { circuit, route } = upstream;
  if (timeoutMs <= 0) throw new Problem('upstream_timeout', 'no time was left to call the service', false);
  // Of a request that came late, the service was given too little to be judged by.
  const isHurried = timeoutMs < route.timeoutMs / 2;
  const retryAfter = circuit.refuse(performance.now());
  if (retryAfter !== undefined) throw new Problem('upstream_circuit_open', undefined, false, 0, retryAfter);
  let hasBegun = false;
  const onEnd = (error?: unknown): void => {
    upstream.lastUsed = performance.now();
    const code = error instanceof Problem ? error.code : undefined;
    // Server-sent events have no end of their own: their time limit is one.
    const isEndless = hasBegun && route.streaming && code === 'upstream_timeout';
    if (error === undefined || isEndless) circuit.succeeded();
    else if (code !== undefined && GIVEN_UP.has(code)) circuit.undecided();
    else if (isHurried && code === 'upstream_timeout') circuit.undecided();
    else if (code !== undefined && !FAILURES.has(code)) circuit.succeeded();
    else circuit.failed(performance.now());
  };
  try {
    const answer = await tryAll(upstream, request, performance.now() + timeoutMs, signal, onEnd);
    hasBegun = true;
    circuit.undecided();
    return answer;
  } catch (error) {
    onEnd(error);
    throw error;
  }
}

/**
 * A request that broke on a kept connection before an answer began is sent once more on a fresh one, and one for which there
 * was no connection as often as the route says; both only if the method allows that.
 *
 * @param deadline monotonic milliseconds
 */
async function tryAll(
  upstream: Upstream,
  request: OutgoingRequest,
  deadline: number,
  signal: AbortSignal | undefined,
  onEnd: (problem: Problem | undefined) => void,
): Promise<ServiceAnswer> {
  const mayRepeat = isIdempotent(request.method);
  let retries = 0;
  let forwarded = false;
  let wasStale = false;
  dropStaleConnections(upstream, request.method, performance.now());
  for (;;) {
    try {
      await readCertificates(upstream);
      return await exchange(upstream, request, { timeoutMs: deadline - performance.now(), signal, retries, onEnd });
    } catch (error) {
      const isStale = error instanceof StaleConnection;
      if (!isStale && !(error instanceof Problem)) throw error;
      const { code, detail } = isStale ? new Problem('upstream_reset') : error;
      if (code === 'upstream_unreachable') upstream.tls?.unreachable();
      // An earlier try may have reached the service, even if this one did not.
      forwarded ||= isStale || error.forwarded;
      const again = isStale
        ? !wasStale
        : NOT_CONNECTED.has(code) &&
          retries < upstream.connection.retries &&
          deadline - performance.now() > RETRY_PAUSE_MS;
      if (!mayRepeat || !again) throw new Problem(code, detail, forwarded, retries);
      retries += 1;
      wasStale ||= isStale;
      if (isStale) dropIdleConnections(upstream);
      else await pause(RETRY_PAUSE_MS);
    }
  }
}

async function readCertificates(upstream: Upstream): Promise<void> {
  try {
    if (upstream.tls) upstream.agents = await upstream.tls.agents();
  } catch (error) {
    console.error('cannot read the certificates for a service:', error);
    throw new Problem('upstream_unreachable');
  }
}
