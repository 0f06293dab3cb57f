import { createHash } from 'node:crypto';
import type { ClientRequest, IncomingMessage } from 'node:http';
import type { HeaderPair } from '../../../lib/event/privacy/headers';
import type { BodyFacts } from '../../../lib/event/request-facts';
import { fitsIntoResult, MAX_RESULT_BYTES, type Answer } from '../answer';
import { Problem } from '../problem';
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
  /** How often the call was tried again on a fresh connection. */
  readonly retries: number;
}

/**
 * Sends a request to the service and reads its answer whole.
 *
 * A request that broke on a kept connection before an answer began is sent once more on a fresh one, if its method
 * allows that.
 *
 * @param timeoutMs until the last byte of the answer
 * @throws Problem if there is no answer to pass on
 */
export async function forward(upstream: Upstream, request: OutgoingRequest, timeoutMs: number): Promise<Forwarded> {
  const deadline = performance.now() + timeoutMs;
  dropStaleConnections(upstream, request.method, performance.now());
  try {
    return { ...(await exchange(upstream, request, timeoutMs)), retries: 0 };
  } catch (error) {
    if (!(error instanceof StaleConnection)) throw error;
    if (!isIdempotent(request.method)) throw new Problem('upstream_reset', undefined, true);
    return await again(upstream, request, deadline - performance.now());
  } finally {
    upstream.lastUsed = performance.now();
  }
}

async function again(upstream: Upstream, request: OutgoingRequest, timeoutMs: number): Promise<Forwarded> {
  dropIdleConnections(upstream);
  try {
    return { ...(await exchange(upstream, request, timeoutMs)), retries: 1 };
  } catch (error) {
    // The first try may have reached the service, even if this one did not.
    throw new Problem(error instanceof Problem ? error.code : 'upstream_reset', undefined, true, 1);
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
    const fail = (error: Error) => {
      clearTimeout(timer);
      reject(error);
      outgoing?.destroy();
    };
    const timer = setTimeout(() => fail(new Problem('upstream_timeout', undefined, connected)), Math.max(1, timeoutMs));
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
      connected = !socket.connecting;
      if (!connected) socket.once(upstream.secure ? 'secureConnect' : 'connect', () => (connected = true));
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
      readAnswer(response, request.maxResultBytes ?? MAX_RESULT_BYTES).then((answer) => {
        clearTimeout(timer);
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
