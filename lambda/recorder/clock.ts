/** Time, as the recorder sees it; injected, so that a simulation can run hours in a second. */
export interface Clock {
  /** Monotonic, in milliseconds with fractions. */
  now(): number;
  /**
   * Calls back once after so many milliseconds.
   *
   * @returns takes it back
   */
  after(milliseconds: number, callback: () => void): () => void;
}

export const systemClock: Clock = {
  now: () => performance.now(),
  after(milliseconds, callback) {
    const timer = setTimeout(callback, milliseconds);
    return () => clearTimeout(timer);
  },
};

/** Resolves after so many milliseconds, or as soon as the signal is aborted. */
export function pause(clock: Clock, milliseconds: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted || milliseconds <= 0) return resolve();
    const done = (): void => {
      cancel();
      signal.removeEventListener('abort', done);
      resolve();
    };
    const cancel = clock.after(milliseconds, done);
    signal.addEventListener('abort', done);
  });
}

/**
 * Runs work under a time limit. Whoever does not heed the signal cannot hold the caller either: the promise settles when
 * time is up.
 *
 * @param outer ends the work early
 * @throws Error "no acknowledgement in time" when the limit is over, whatever `work` throws otherwise
 */
export function withinLimit<T>(
  clock: Clock,
  milliseconds: number,
  outer: AbortSignal | undefined,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  return new Promise<T>((resolve, reject) => {
    const controller = new AbortController();
    const giveUp = (): void => {
      const error = new Error('no acknowledgement in time');
      reject(error);
      controller.abort(error);
      cleanUp();
    };
    const cleanUp = (): void => {
      cancel();
      outer?.removeEventListener('abort', giveUp);
    };
    const cancel = clock.after(Math.max(0, milliseconds), giveUp);
    if (outer?.aborted) return giveUp();
    outer?.addEventListener('abort', giveUp);
    // A sink that throws at once is one that rejects.
    Promise.resolve().then(() => work(controller.signal)).then(resolve, reject).finally(cleanUp); // prettier-ignore
  });
}
