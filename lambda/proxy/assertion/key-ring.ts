import { decodeAssertionKeys, type AssertionKeys } from '../../../lib/routing/assertion-keys';

/** How long keys are used before they are read again. Rotated keys are published long before they sign. */
const FRESH_MS = 5 * 60_000;

/**
 * The keys as they were last read. They are read when the environment starts, and again beside a request once they are
 * older than five minutes; no request waits but for the first reading.
 */
export class KeyRing {
  private keys: AssertionKeys | undefined;
  private readAt = -Infinity;
  private reading: Promise<AssertionKeys> | undefined;

  /**
   * @param read the secret
   * @param now monotonic milliseconds
   */
  constructor(
    private readonly read: () => Promise<string>,
    private readonly now: () => number = () => performance.now(),
  ) {}

  /** @throws Error if there are no keys yet and they cannot be read; the next call tries again */
  async current(): Promise<AssertionKeys> {
    if (this.keys === undefined) return this.readAgain();
    if (this.now() - this.readAt > FRESH_MS) {
      this.readAgain().catch((error: unknown) => console.error(error));
    }
    return this.keys;
  }

  private readAgain(): Promise<AssertionKeys> {
    this.reading ??= this.read()
      .then(decodeAssertionKeys)
      .then((keys) => {
        this.keys = keys;
        this.readAt = this.now();
        return keys;
      })
      .finally(() => (this.reading = undefined));
    return this.reading;
  }
}
