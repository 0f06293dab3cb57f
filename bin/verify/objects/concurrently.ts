/**
 * Runs work of known weight side by side, as much as fits: memory is bounded by it. What is heavier than all that fits
 * runs alone.
 */
export class Concurrently {
  private readonly running = new Set<Promise<void>>();
  private weight = 0;
  private failure: { readonly error: unknown } | undefined;

  /**
   * @param atOnce most works at a time
   * @param capacity most weight at a time
   */
  constructor(
    private readonly atOnce: number,
    private readonly capacity: number,
  ) {}

  /** Resolves when the work has begun. @throws what any work before failed with */
  async start(weight: number, work: () => Promise<void>): Promise<void> {
    while (this.running.size > 0 && (this.running.size >= this.atOnce || this.weight + weight > this.capacity)) {
      await Promise.race(this.running);
    }
    this.throwFailure();
    this.weight += weight;
    const running = work()
      .catch((error: unknown) => void (this.failure ??= { error }))
      .finally(() => {
        this.weight -= weight;
        this.running.delete(running);
      });
    this.running.add(running);
  }

  /** Resolves when all work is done. @throws what any work failed with */
  async finish(): Promise<void> {
    await Promise.all(this.running);
    this.throwFailure();
  }

  private throwFailure(): void {
    if (this.failure !== undefined) throw this.failure.error;
  }
}
