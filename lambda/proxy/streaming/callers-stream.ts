import { Problem, type ProblemCode } from '../problem';
import type { AwsLambda, ResponseStream } from './aws-lambda';
import type { Prelude } from './prelude';

type Event = 'drain' | 'finish';

/**
 * The caller's end of a streamed answer. It takes bytes no faster than the caller does, and notices when the caller leaves: the
 * stream fails or is closed before it is finished.
 */
export class CallersStream {
  private finished = false;
  private hasLeft = false;
  private full = false;
  private waiting: { readonly event: Event; readonly done: (problem?: ProblemCode) => void } | undefined;
  private readonly onLeave: (() => void)[] = [];

  constructor(
    private stream: ResponseStream,
    private readonly lambda: AwsLambda,
  ) {
    stream.on('drain', () => this.happened('drain'));
    stream.on('finish', () => this.happened('finish'));
    stream.on('error', () => this.leave());
    stream.on('close', () => this.leave());
  }

  whenLeft(listener: () => void): void {
    if (this.hasLeft) listener();
    else this.onLeave.push(listener);
  }

  /** Sends status and headers, at once: a service may think for long until it sends the first byte of a body. */
  begin(prelude: Prelude): void {
    this.stream = this.lambda.HttpResponseStream.from(this.stream, prelude);
    this.write('');
  }

  /**
   * Sends bytes, or keeps them until they can be sent; `ready` tells when it takes more.
   *
   * @throws Problem if the caller has left
   */
  write(bytes: Uint8Array | string): void {
    if (this.hasLeft) throw new Problem('client_left', undefined, true);
    this.full = !this.stream.write(bytes);
  }

  /**
   * Waits until more bytes may be written.
   *
   * @param deadline monotonic milliseconds
   * @throws Problem if the caller leaves, or has not read enough by the deadline
   */
  async ready(deadline: number): Promise<void> {
    if (this.full || this.hasLeft) await this.wait('drain', deadline);
  }

  /** Ends the answer, and waits until all of it is handed over. The same parameter and errors as `ready`. */
  async end(deadline: number): Promise<void> {
    this.stream.end();
    if (!this.finished) await this.wait('finish', deadline);
  }

  private wait(event: Event, deadline: number): Promise<void> {
    if (this.hasLeft) return Promise.reject(new Problem('client_left', undefined, true));
    return new Promise((resolve, reject) => {
      const done = (problem?: ProblemCode): void => {
        clearTimeout(timer);
        this.waiting = undefined;
        if (problem === undefined) resolve();
        else reject(new Problem(problem, undefined, true));
      };
      const timer = setTimeout(() => done('client_too_slow'), Math.max(1, deadline - performance.now()));
      this.waiting = { event, done };
    });
  }

  private happened(event: Event): void {
    if (event === 'drain') this.full = false;
    else this.finished = true;
    if (this.waiting?.event === event) this.waiting.done();
  }

  private leave(): void {
    if (this.finished || this.hasLeft) return;
    this.hasLeft = true;
    this.waiting?.done('client_left');
    for (const listener of this.onLeave.splice(0)) listener();
  }
}
