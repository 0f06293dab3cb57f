import { HedgedSink } from '../../lambda/recorder/hedged-sink';
import { withinLimit } from '../../lambda/recorder/clock';
import { RetryingSink } from '../../lambda/recorder/retrying-sink';
import type { Sink } from '../../lambda/recorder/sink';
import type { SealedEvent } from '../../lib/event/chain';
import { DEFAULT_HEDGE_DELAY_MS, DEFAULT_RECORDING_LIMIT_MS } from '../../lib/routing/proxy-settings';
import { QuotaSink, S3_QUOTA, type Quota } from './simulated-sinks';
import { VirtualClock } from './virtual-clock';

export interface Load {
  /** Requests a second, arriving at random (Poisson). */
  readonly requestsPerSecond: number;
  readonly streams: number;
  readonly quota: Quota;
  /** @default that of S3 */
  readonly bucketQuota?: Quota;
  /** Size of an event in bytes; a request writes two. */
  readonly eventBytes: number;
  /** Seconds that are counted, after the buckets of the quotas have run down to their steady state. */
  readonly seconds: number;
  readonly seed: number;
}

export interface Result {
  readonly events: number;
  /** Events that neither stream nor bucket took in time: they go to the function's log. */
  readonly lastResort: number;
  /** Puts that a stream refused. */
  readonly throttled: number;
  /** Share of the events that the bucket took instead of a stream. */
  readonly fallbackShare: number;
  /** Time until an event was durable, in milliseconds. */
  readonly p99Ms: number;
}

/** How long a request occupies a function environment, in milliseconds: so many writers there are. */
const SERVICE_MS = 50;
/** Time for bursts that the quotas allow at the start to be used up, in seconds. */
const WARM_UP_SECONDS = 2;

/**
 * The recorder's own sinks over streams that keep to Firehose's quotas. Everything but the far side and the time is what
 * the function runs.
 */
export async function simulate(load: Load): Promise<Result> {
  const tools = { clock: new VirtualClock(), random: randomOf(load.seed) };
  const { clock, random } = tools;
  const streams = Array.from({ length: load.streams }, (_, i) => new QuotaSink(`stream ${i}`, load.quota, 12, tools));
  const bucket = new QuotaSink('bucket', load.bucketQuota ?? S3_QUOTA, 35, tools);
  const event = { line: 'x'.repeat(load.eventBytes - 1) } as SealedEvent;

  const writers = Array.from({ length: Math.ceil((load.requestsPerSecond * SERVICE_MS * 2) / 1000) }, () => {
    const retry = { clock, random, tryLimitMs: DEFAULT_RECORDING_LIMIT_MS / 3 };
    const hedge = { clock, delayMs: DEFAULT_HEDGE_DELAY_MS };
    return new HedgedSink(new RetryingSink(streams, retry), new RetryingSink([bucket], retry), hedge);
  });

  const elapsed: number[] = [];
  let [events, lastResort, counting] = [0, 0, false];
  const record = (writer: Sink): void => {
    const started = clock.now();
    const counts = counting;
    if (counts) events += 1;
    withinLimit(clock, DEFAULT_RECORDING_LIMIT_MS, undefined, (signal) => writer.put(event, signal)).then(
      () => void (counts && elapsed.push(clock.now() - started)),
      () => void (counts && (lastResort += 1)),
    );
  };
  const arrive = (): void => {
    const writer = writers[Math.floor(random() * writers.length)]!;
    record(writer);
    clock.after(SERVICE_MS, () => record(writer));
    clock.after((-Math.log(1 - random()) * 1000) / load.requestsPerSecond, arrive);
  };
  clock.after(0, arrive);

  await clock.runUntil(WARM_UP_SECONDS * 1000);
  const before = { throttled: sum(streams, 'refused'), bucket: bucket.taken };
  counting = true;
  const end = (WARM_UP_SECONDS + load.seconds) * 1000;
  await clock.runUntil(end);
  counting = false;
  const after = { throttled: sum(streams, 'refused'), bucket: bucket.taken };
  // What was begun is let come to its end.
  await clock.runUntil(end + DEFAULT_RECORDING_LIMIT_MS + 1);

  elapsed.sort((a, b) => a - b);
  return {
    events,
    lastResort,
    throttled: after.throttled - before.throttled,
    fallbackShare: (after.bucket - before.bucket) / events,
    p99Ms: elapsed[Math.floor(elapsed.length * 0.99)] ?? Infinity,
  };
}

function sum(streams: readonly QuotaSink[], what: 'refused' | 'taken'): number {
  return streams.reduce((total, stream) => total + stream[what], 0);
}

/** Mulberry32: the same run for the same seed. */
function randomOf(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
