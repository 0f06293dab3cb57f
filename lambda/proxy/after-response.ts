import type { LambdaExtension } from '../recorder/lambda-extension';

/**
 * Runs the work that comes after the answer, inside the same invocation: with an extension the answer goes out first and
 * the environment is held; without one the work is done before the handler returns. It is never left for a later
 * invocation, which may never come.
 */
export class AfterResponse {
  constructor(private readonly extension: Pick<LambdaExtension, 'holds' | 'invocationDone'> | undefined) {}

  /** This or `runNow` is called exactly once for each invocation, as the last thing that can fail. */
  async run(work: () => Promise<unknown>): Promise<void> {
    const { extension } = this;
    if (!extension?.holds) return this.runNow(work);
    // AWS's runtime client posts the answer in a setImmediate of its own, made when the handler's promise has resolved. The
    // work's CPU time must not come before that, hence the second turn.
    setImmediate(() => setImmediate(() => void finished(work).then(() => extension.invocationDone())));
  }

  /**
   * The same before the handler settles: a streamed answer has gone out by then, and its invocation lasts until the handler
   * does.
   */
  async runNow(work: () => Promise<unknown>): Promise<void> {
    await finished(work);
    this.extension?.invocationDone();
  }
}

/** The answer is given or about to be: a fault of the work is for the log. */
async function finished(work: () => Promise<unknown>): Promise<void> {
  try {
    await work();
  } catch (error) {
    console.error('work after the response failed:', error);
  }
}
