import { SinkError, type Sink } from '../../lambda/recorder/sink';
import type { Clock } from '../../lambda/recorder/clock';
import type { SealedEvent } from '../../lib/event/chain';

/** What a service takes each second; a burst of one second's worth may come at once. */
export interface Quota {
  readonly requests: number;
  readonly bytes: number;
}

/**
 * Direct PUT quotas of a Firehose stream, before AWS raises them.
 *
 * @see https://docs.aws.amazon.com/firehose/latest/dev/limits.html
 */
export const FIREHOSE_QUOTAS = {
  'us-east-1, us-west-2, eu-west-1': { requests: 2_000, bytes: 5 * 1024 * 1024 },
  'other regions': { requests: 1_000, bytes: 1024 * 1024 },
} as const satisfies Record<string, Quota>;

/** PUTs to one prefix. @see https://docs.aws.amazon.com/AmazonS3/latest/userguide/optimizing-performance.html */
export const S3_QUOTA: Quota = { requests: 3_500, bytes: Infinity };

export interface SimulationTools {
  readonly clock: Clock;
  /** From 0 (inclusive) to 1 (exclusive). */
  readonly random: () => number;
}

/** A stream or bucket that takes what its quota allows, and refuses the rest as AWS does. */
export class QuotaSink implements Sink {
  taken = 0;
  refused = 0;
  private requests: number;
  private bytes: number;
  private filledAt = 0;

  /** @param medianMs of the time that a put takes; times are log-normal, since such times have long tails */
  constructor(
    readonly name: string,
    private readonly quota: Quota,
    private readonly medianMs: number,
    private readonly tools: SimulationTools,
  ) {
    // Nothing is saved up: what counts is the long run.
    this.requests = 0;
    this.bytes = quota.bytes === Infinity ? Infinity : 0;
  }

  async put(event: SealedEvent): Promise<void> {
    const allowed = this.spend(event.line.length + 1);
    await this.wait(allowed ? this.medianMs * Math.exp(0.5 * this.normal()) : this.medianMs / 2);
    if (!allowed) {
      this.refused += 1;
      throw new SinkError('ServiceUnavailableException: Slow down.');
    }
    this.taken += 1;
  }

  private spend(bytes: number): boolean {
    const { quota, tools } = this;
    const seconds = (tools.clock.now() - this.filledAt) / 1000;
    this.filledAt = tools.clock.now();
    this.requests = Math.min(quota.requests, this.requests + seconds * quota.requests);
    if (quota.bytes !== Infinity) this.bytes = Math.min(quota.bytes, this.bytes + seconds * quota.bytes);
    if (this.requests < 1 || this.bytes < bytes) return false;
    this.requests -= 1;
    this.bytes -= bytes;
    return true;
  }

  private wait(milliseconds: number): Promise<void> {
    return new Promise((resolve) => void this.tools.clock.after(milliseconds, resolve));
  }

  /** Box-Muller. */
  private normal(): number {
    const { random } = this.tools;
    return Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
  }
}
