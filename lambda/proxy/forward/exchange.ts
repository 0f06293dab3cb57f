import type { ClientRequest, IncomingMessage } from 'node:http';
import type { HeaderPair } from '../../../lib/event/privacy/headers';
import { Problem, type ProblemCode } from '../problem';
import { expectAnswer } from './answer-boundary';
import { needsOwnConnection } from './connections';
import type { Upstream } from './upstream';

export interface OutgoingRequest {
  readonly method: string;
  /** Path and query as they stand in the request line. */
  readonly target: string;
  /** name, value, name, value … */
  readonly headers: readonly string[];
  readonly body: Buffer;
}

/** The service's answer from its head on. Its body must be read, or the call be aborted. */
export interface ServiceAnswer {
  readonly statusCode: number;
  readonly headers: readonly HeaderPair[];
  /** Comes as it is read, once; who stops reading ends the call. Throws a Problem where it does not come to its end. */
  readonly body: AsyncIterable<Buffer>;
  /** How often the call was tried again. */
  readonly retries: number;
  /** Why the body will not come to its end, as far as that is known before it is read. */
  readonly brokenOff: () => Problem | undefined;
}

export interface ExchangeOptions {
  /** Until the last byte of the answer, in milliseconds. */
  readonly timeoutMs: number;
  /** Aborts the call, at whatever stage; its reason is the code of the problem. */
  readonly signal: AbortSignal | undefined;
  /** How often the call was tried before. */
  readonly retries: number;
  /** Told once how an answer that had begun came to its end: by a problem, or well. */
  readonly onEnd: (problem: Problem | undefined) => void;
}

/** A kept connection turned out to be closed. */
export class StaleConnection extends Error {}

/**
 * Sends a request once.
 *
 * @returns once the head of the answer is there
 * @throws Problem or StaleConnection if there is none to pass on
 */
export function exchange(
  upstream: Upstream,
  request: OutgoingRequest,
  { timeoutMs, signal, retries, onEnd }: ExchangeOptions,
): Promise<ServiceAnswer> {
  return new Promise((resolve, reject) => {
    let outgoing: ClientRequest | undefined;
    let connected = false;
    let answered = false;
    let ended = false;
    let failure: Problem | undefined;
    const { connectTimeoutMs, firstByteTimeoutMs } = upstream.connection;
    const timers: NodeJS.Timeout[] = [];
    const limit = (ms: number, code: ProblemCode) => {
      timers.push(setTimeout(() => fail(problemOf(code)), Math.max(1, ms)));
    };
    const clearLimits = () => timers.splice(0).forEach((timer) => clearTimeout(timer));
    const problemOf = (code: ProblemCode) => new Problem(code, undefined, connected, retries);
    const end = (problem?: Problem) => {
      clearLimits();
      signal?.removeEventListener('abort', onAbort);
      if (answered && !ended) onEnd(problem);
      ended = true;
      releasePlace();
    };
    // What fails behind the head is for who reads the body.
    const fail = (error: Problem | StaleConnection) => {
      if (error instanceof Problem) failure ??= error;
      end(failure);
      reject(error);
      outgoing?.destroy();
    };
    const onConnected = () => {
      connected = true;
      clearLimits();
      limit(deadline - performance.now(), 'upstream_timeout');
      if (firstByteTimeoutMs !== undefined) limit(firstByteTimeoutMs, 'upstream_first_byte_timeout');
    };
    const onAbort = () => fail(problemOf(signal?.reason as ProblemCode));
    let releasePlace: () => void = () => undefined;
    const deadline = performance.now() + timeoutMs;
    if (signal?.aborted) return onAbort();
    signal?.addEventListener('abort', onAbort, { once: true });
    limit(timeoutMs, 'upstream_timeout');
    if (connectTimeoutMs < timeoutMs) limit(connectTimeoutMs, 'upstream_connect_timeout');
    releasePlace = upstream.places.take(() => onceRead(send));

    function send(): void {
      if (ended) return;
      const isLast = needsOwnConnection(request);
      try {
        outgoing = upstream.module.request({
          agent: isLast ? upstream.agents.single : upstream.agents.kept,
          host: upstream.hostname,
          port: upstream.port,
          method: request.method,
          path: request.target,
          // Since Node.js 24, setDefaultHeaders: false leaves it out as well.
          headers: [...request.headers, 'Connection', isLast ? 'close' : 'keep-alive'],
          setDefaultHeaders: false,
        });
      } catch {
        // node:http refuses characters that must not stand in a request: nothing was sent.
        return fail(problemOf('invalid_headers'));
      }
      const sent = outgoing;
      sent.maxHeadersCount = 0; // else node:http drops what is over 1,000 headers and does not tell
      sent.on('socket', (socket) => {
        expectAnswer(socket, sent);
        if (sent.reusedSocket) onConnected();
        else socket.once(upstream.secure ? 'secureConnect' : 'connect', onConnected);
      });
      sent.on('error', () => {
        if (answered) return; // A service may answer without reading the request to its end; the answer tells if it broke.
        if (!connected) fail(problemOf('upstream_unreachable'));
        else if (sent.reusedSocket) fail(new StaleConnection());
        else fail(problemOf('upstream_reset'));
      });
      sent.on('upgrade', (_response, socket) => {
        socket.destroy(); // Upgrade was never asked for.
        fail(problemOf('upstream_invalid'));
      });
      sent.on('response', (response) => {
        clearLimits();
        limit(deadline - performance.now(), 'upstream_timeout');
        const { statusCode = 0, rawHeaders } = response;
        if (statusCode < 200 || statusCode > 599) return fail(problemOf('upstream_invalid'));
        answered = true;
        response.on('error', () => fail(problemOf('upstream_reset'))); // Before somebody reads it, or while.
        resolve({
          statusCode,
          headers: pairs(rawHeaders),
          body: bodyOf(sent, response),
          retries,
          brokenOff: () => failure,
        });
      });
      sent.end(request.body);
    }

    async function* bodyOf(sent: ClientRequest, response: IncomingMessage): AsyncGenerator<Buffer> {
      try {
        for await (const chunk of response as AsyncIterable<Buffer>) yield chunk;
        if (!response.complete) throw problemOf('upstream_reset');
        if (!sent.writableFinished) sent.destroy(); // Its connection is of no more use.
      } catch {
        fail(problemOf('upstream_reset'));
        throw failure;
      } finally {
        end();
      }
    }
  });
}

/**
 * Runs after everything was read that has already arrived, so that a kept connection on which a service has sent what nobody
 * asked for is destroyed before it is used. The event loop reads between two immediates.
 */
function onceRead(run: () => void): void {
  setImmediate(() => setImmediate(run));
}

function pairs(raw: readonly string[]): HeaderPair[] {
  const list: HeaderPair[] = [];
  for (let i = 0; i + 1 < raw.length; i += 2) list.push([raw[i] as string, raw[i + 1] as string]);
  return list;
}
