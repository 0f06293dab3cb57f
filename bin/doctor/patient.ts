/** The hands of the doctor's watch. */
export interface Patience {
  /** Epoch milliseconds. */
  now(): number;
  sleep(milliseconds: number): Promise<unknown>;
  /** Epoch milliseconds after which nothing is waited for. */
  readonly deadline: number;
  /** Between two looks, milliseconds. */
  readonly interval: number;
  /** Told what is waited for. */
  readonly waiting: (what: string) => void;
}

/**
 * Looks again and again until there is something.
 *
 * @returns undefined if there was nothing until the deadline
 */
export async function patiently<T>(
  patience: Patience,
  what: string,
  look: () => Promise<T | undefined>,
): Promise<T | undefined> {
  for (;;) {
    patience.waiting(what);
    const found = await look();
    if (found !== undefined) return found;
    if (patience.now() + patience.interval > patience.deadline) return undefined;
    await patience.sleep(patience.interval);
  }
}
