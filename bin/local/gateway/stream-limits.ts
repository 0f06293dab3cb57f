import type http from 'node:http';
import type net from 'node:net';
import type { Readable } from 'node:stream';
import { REST_API_TIMEOUT_MS } from './limits';
import { ClientGone, Refused } from './read-request';

/**
 * What ends a streamed answer from the gateway's side: a client that leaves, the time limit, or a gateway that stops. On AWS
 * nobody tells the function; here its answer is dropped, so that nothing runs on for nobody.
 */
export class StreamLimits {
  private readonly waiting = new AbortController();
  private readonly answering = new AbortController();
  private readonly timers: readonly NodeJS.Timeout[];
  private readonly socket: net.Socket;
  private readonly cut: AbortSignal;
  private body: Readable | undefined;

  constructor({ response, cut, timeoutMs }: { response: http.ServerResponse; cut: AbortSignal; timeoutMs: number }) {
    this.timers = [
      // Lambda would throttle at once; who waits here is told as soon as where answers are not streamed.
      setTimeout(() => this.waiting.abort(), Math.min(timeoutMs, REST_API_TIMEOUT_MS)),
      setTimeout(() => this.drop(new Refused('function_too_slow')), timeoutMs),
    ];
    this.cut = cut;
    cut.addEventListener('abort', this.stop);
    if (cut.aborted) this.stop();
    this.socket = response.req.socket;
    this.socket.on('close', this.leave);
    if (this.socket.destroyed) this.leave();
  }

  /** Aborted when the request has waited long enough for an environment. Its client may leave: it arrived all the same. */
  get givenUp(): AbortSignal {
    return this.waiting.signal;
  }

  /** Aborted when nobody takes the answer any more, with what the client is told if nothing of it is out. */
  get dropped(): AbortSignal {
    return this.answering.signal;
  }

  /** From now on there is a body to drop as well. */
  over(body: Readable): void {
    this.body = body;
    // Whoever reads it hears of it.
    body.on('error', () => undefined);
    if (this.dropped.aborted) body.destroy(this.dropped.reason as Error);
  }

  /** Nothing is left to be limited; what is left of the body is dropped. */
  lift(): void {
    for (const timer of this.timers) clearTimeout(timer);
    this.cut.removeEventListener('abort', this.stop);
    this.socket.off('close', this.leave);
    this.body?.destroy();
  }

  private readonly leave = (): void => this.drop(new ClientGone('the client went away'));

  private readonly stop = (): void => {
    this.waiting.abort();
    this.drop(new Refused('function_failed'));
  };

  private drop(why: Error): void {
    this.answering.abort(why);
    this.body?.destroy(why);
  }
}
