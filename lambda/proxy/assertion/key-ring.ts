import { decodeAssertionKeys, type AssertionKeys } from '../../../lib/routing/assertion-keys';

/** How long keys are used before they are read again. Rotated keys are published long before they sign. */
const FRESH_MS = 5 * 60_000;
/** After a reading that failed, keys that are there serve for so long before the next one. */
const RETRY_MS = 60_000;

/**
 * The keys as they were last read. They are read when the environment starts, and again beside a request once they are
 * older than five minutes; no request waits but for the first reading.
 */
export class KeyRing {
  private keys: AssertionKeys | undefined;
  /** Monotonic milliseconds. */
  private readAgainAt = Infinity;
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
    if (this.now() > this.readAgainAt) {
      // Or each request until it is done, and after it failed, would ask once more.
      this.readAgainAt = this.now() + RETRY_MS;
      this.readAgain().catch((error: unknown) => console.error(error));
    }
    return this.keys;
  }

  private readAgain(): Promise<AssertionKeys> {
    this.reading ??= this.read()
      .then(decodeAssertionKeys)
      .then((keys) => {
        this.keys = keys;
        this.readAgainAt = this.now() + FRESH_MS;
        return keys;
      })
      .finally(() => (this.reading = undefined));
    return this.reading;
  }
}
