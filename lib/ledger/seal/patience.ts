import { isFinal } from './error';

/** Time and chance, injected so that tests need neither. */
export interface Timing {
  sleep(milliseconds: number): Promise<void>;
  /** From 0 to below 1. */
  random(): number;
}

const FIRST_DELAY_MS = 100;
const LONGEST_DELAY_MS = 5_000;

/**
 * Does work again when it fails, after a random part of a delay that doubles: those who collided do not meet again.
 *
 * @throws what the last try threw, or at once what no repetition helps against
 */
export async function patiently<T>(timing: Timing, tries: number, work: () => Promise<T>): Promise<T> {
  for (let failed = 0; ;) {
    try {
      return await work();
    } catch (error) {
      failed += 1;
      if (failed === tries || isFinal(error)) throw error;
    }
    await timing.sleep(timing.random() * Math.min(LONGEST_DELAY_MS, FIRST_DELAY_MS * 2 ** (failed - 1)));
  }
}
