import { createHash } from 'node:crypto';
import type { ClientRequest, IncomingMessage } from 'node:http';
import { setTimeout as pause } from 'node:timers/promises';
import type { HeaderPair } from '../../../lib/event/privacy/headers';
import type { BodyFacts } from '../../../lib/event/request-facts';
import { fitsIntoResult, MAX_RESULT_BYTES, type Answer } from '../answer';
import { Problem, type ProblemCode } from '../problem';
import { dropIdleConnections, dropStaleConnections, isIdempotent } from './connections';
import type { Upstream } from './upstream';

export interface OutgoingRequest {
  readonly method: string;
  /** Path and query as they stand in the request line. */
  readonly target: string;
  /** name, value, name, value … */
  readonly headers: readonly string[];
  readonly body: Buffer;
  /**
   * Largest answer, in bytes of the function's result.
   *
   * @default what a function can give
   */
  readonly maxResultBytes?: number;
}

/** The service's answer, whole. */
export interface Forwarded extends Answer {
  readonly bodyFacts: BodyFacts;
  /** How often the call was tried again. */
  readonly retries: number;
}

/** Where no byte of the request was sent. */
const NOT_CONNECTED: ReadonlySet<ProblemCode> = new Set(['upstream_unreachable', 'upstream_connect_timeout']);
/** Where the service is at fault, so that it is left alone after too many of them. */
const FAILURES: ReadonlySet<ProblemCode> = new Set([
  ...NOT_CONNECTED,
  'upstream_reset',
  'upstream_first_byte_timeout',
  'upstream_timeout',
]);
/** Between two tries to connect, in milliseconds. */
const RETRY_PAUSE_MS = 50;

/**
 * Sends a request to the service and reads its answer whole, unless the service has failed too often in a row.
 *
 * @param timeoutMs until the last byte of the answer, over all tries
 * @throws Problem if there is no answer to pass on
 */
export async function forward(upstream: Upstream, request: OutgoingRequest, timeoutMs: number): Promise<Forwarded> {
  const { circuit } = upstream;
  const retryAfter = circuit.refuse(performance.now());
  if (retryAfter !== undefined) throw new Problem('upstream_circuit_open', undefined, false, 0, retryAfter);
  try {
    const answer = await tryAll(upstream, request, performance.now() + timeoutMs);
    circuit.succeeded();
    return answer;
  } catch (error) {
    if (error instanceof Problem && !FAILURES.has(error.code)) circuit.succeeded();
    else circuit.failed(performance.now());
    throw error;
  } finally {
    upstream.lastUsed = performance.now();
  }
}

/**
 * A request that broke on a kept connection before an answer began is sent once more on a fresh one, and one for which there
 * was no connection as often as the route says; both only if the method allows that.
 *
 * @param deadline monotonic milliseconds
 */
async function tryAll(upstream: Upstream, request: OutgoingRequest, deadline: number): Promise<Forwarded> {
  const mayRepeat = isIdempotent(request.method);
  let retries = 0;
  let forwarded = false;
  let wasStale = false;
  dropStaleConnections(upstream, request.method, performance.now());
  for (;;) {
    try {
      return { ...(await connectAndExchange(upstream, request, deadline - performance.now())), retries };
    } catch (error) {
      const isStale = error instanceof StaleConnection;
      if (!isStale && !(error instanceof Problem)) throw error;
      const { code, detail } = isStale ? new Problem('upstream_reset') : error;
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

async function connectAndExchange(
  upstream: Upstream,
  request: OutgoingRequest,
  timeoutMs: number,
): Promise<Omit<Forwarded, 'retries'>> {
  try {
    if (upstream.tls) upstream.agent = await upstream.tls.agent();
  } catch (error) {
    console.error('cannot read the certificates for a service:', error);
    throw new Problem('upstream_unreachable');
  }
  try {
    return await exchange(upstream, request, timeoutMs);
  } catch (error) {
    if (error instanceof Problem && error.code === 'upstream_unreachable') upstream.tls?.unreachable();
    throw error;
  }
}

/** A kept connection turned out to be closed. */
class StaleConnection extends Error {}

function exchange(
  upstream: Upstream,
  request: OutgoingRequest,
  timeoutMs: number,
): Promise<Omit<Forwarded, 'retries'>> {
  return new Promise((resolve, reject) => {
    let outgoing: ClientRequest;
    let connected = false;
    let answered = false;
    const { connectTimeoutMs, firstByteTimeoutMs } = upstream.connection;
    const timers: NodeJS.Timeout[] = [];
    const limit = (ms: number, code: ProblemCode) => {
      timers.push(setTimeout(() => fail(new Problem(code, undefined, connected)), Math.max(1, ms)));
    };
    const settle = () => timers.forEach((timer) => clearTimeout(timer));
    const fail = (error: Error) => {
      settle();
      reject(error);
      outgoing?.destroy();
    };
    const onConnected = () => {
      connected = true;
      settle();
      limit(deadline - performance.now(), 'upstream_timeout');
      if (firstByteTimeoutMs !== undefined) limit(firstByteTimeoutMs, 'upstream_first_byte_timeout');
    };
    const deadline = performance.now() + timeoutMs;
    limit(timeoutMs, 'upstream_timeout');
    if (connectTimeoutMs < timeoutMs) limit(connectTimeoutMs, 'upstream_connect_timeout');
    try {
      outgoing = upstream.module.request({
        agent: upstream.agent,
        host: upstream.hostname,
        port: upstream.port,
        method: request.method,
        path: request.target,
        headers: request.headers,
        setDefaultHeaders: false,
      });
    } catch {
      // node:http refuses characters that must not stand in a request: nothing was sent.
      return fail(new Problem('invalid_headers'));
    }
    outgoing.maxHeadersCount = 0; // else node:http drops what is over 1,000 headers and does not tell
    outgoing.on('socket', (socket) => {
      if (outgoing.reusedSocket) onConnected();
      else socket.once(upstream.secure ? 'secureConnect' : 'connect', onConnected);
    });
    outgoing.on('error', () => {
      if (answered) return; // A service may answer without reading the request to its end; the answer tells if it broke.
      if (!connected) fail(new Problem('upstream_unreachable'));
      else if (outgoing.reusedSocket) fail(new StaleConnection());
      else fail(new Problem('upstream_reset', undefined, true));
    });
    outgoing.on('upgrade', (_response, socket) => {
      socket.destroy(); // Upgrade was never asked for.
      fail(new Problem('upstream_invalid', undefined, true));
    });
    outgoing.on('response', (response) => {
      answered = true;
      settle();
      limit(deadline - performance.now(), 'upstream_timeout');
      readAnswer(response, request.maxResultBytes ?? MAX_RESULT_BYTES).then((answer) => {
        settle();
        resolve(answer);
        if (!outgoing.writableFinished) outgoing.destroy(); // Its connection is of no more use.
      }, fail);
    });
    outgoing.end(request.body);
  });
}

/** Reads the body and its hash as it comes. */
async function readAnswer(response: IncomingMessage, maxBytes: number): Promise<Omit<Forwarded, 'retries'>> {
  const statusCode = response.statusCode ?? 0;
  if (statusCode < 200 || statusCode > 599) throw new Problem('upstream_invalid', undefined, true);
  const hash = createHash('sha256');
  const chunks: Buffer[] = [];
  let length = 0;
  try {
    for await (const chunk of response as AsyncIterable<Buffer>) {
      length += chunk.length;
      if (length > maxBytes) throw new Problem('answer_too_large', undefined, true);
      hash.update(chunk);
      chunks.push(chunk);
    }
  } catch (error) {
    throw error instanceof Problem ? error : new Problem('upstream_reset', undefined, true);
  }
  if (!response.complete) throw new Problem('upstream_reset', undefined, true);
  const body = Buffer.concat(chunks, length);
  if (!fitsIntoResult(body, maxBytes)) throw new Problem('answer_too_large', undefined, true);
  return {
    statusCode,
    headers: pairs(response.rawHeaders),
    body,
    bodyFacts: { length, sha256: hash.digest('hex') },
  };
}

function pairs(raw: readonly string[]): HeaderPair[] {
  const list: HeaderPair[] = [];
  for (let i = 0; i + 1 < raw.length; i += 2) list.push([raw[i] as string, raw[i + 1] as string]);
  return list;
}
