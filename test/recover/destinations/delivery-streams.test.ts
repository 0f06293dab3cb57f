import { createHash } from 'node:crypto';
import { beforeEach, describe, expect, it } from 'vitest';
import { ServiceError } from '../../../bin/aws/service-error';
import type { RecordBatches } from '../../../bin/recover/aws/services';
import { DeliveryStreamsDestination } from '../../../bin/recover/destinations/delivery-streams';
import { Chain, type SealedEvent } from '../../../lib/event/chain';
import { fallbackKey } from '../../../lib/event/keys';
import { attempt, SAMPLE_TIME } from '../../support/sample-event';

/** What happens to one batch; each record by its place. */
type Fault =
  | { readonly kind: 'none' }
  /** These records are not taken. */
  | { readonly kind: 'partial'; readonly failed: (i: number) => boolean }
  /** No answer; nothing is taken. */
  | { readonly kind: 'fail'; readonly error: Error }
  /** No answer; all is taken. */
  | { readonly kind: 'fail-but-persisted'; readonly error: Error };

/** Delivery streams in memory whose faults a test chooses, one a call; none after the last. */
class FakeStreams implements RecordBatches {
  readonly calls: { readonly stream: string; readonly lines: readonly string[] }[] = [];
  readonly taken: { readonly stream: string; readonly line: string }[] = [];
  faults: Fault[] = [];

  putBatch(stream: string, records: readonly Uint8Array[]): Promise<(string | undefined)[]> {
    const lines = records.map((record) => Buffer.from(record).toString());
    this.calls.push({ stream, lines });
    const fault = this.faults.shift() ?? { kind: 'none' };
    if (fault.kind === 'fail') return Promise.reject(fault.error);
    const codes = lines.map((_, i) =>
      fault.kind === 'partial' && fault.failed(i) ? 'ServiceUnavailableException' : undefined,
    );
    this.taken.push(...lines.filter((_, i) => codes[i] === undefined).map((line) => ({ stream, line })));
    return fault.kind === 'fail-but-persisted' ? Promise.reject(fault.error) : Promise.resolve(codes);
  }
}

/** A bucket in memory. */
class FakeBucket {
  readonly name = 'trail';
  readonly objects = new Map<string, Buffer>();
  error: Error | undefined;
  keepsChecksums = true;

  putNew(key: string, bytes: Uint8Array): Promise<boolean> {
    if (this.error !== undefined) return Promise.reject(this.error);
    if (this.objects.has(key)) return Promise.resolve(false);
    this.objects.set(key, Buffer.from(bytes));
    return Promise.resolve(true);
  }

  sha256(key: string): Promise<string | undefined> {
    const hash = createHash('sha256').update(this.objects.get(key)!).digest('base64');
    return Promise.resolve(this.keepsChecksums ? hash : undefined);
  }
}

const passing = new ServiceError('delivery stream a: ServiceUnavailable', 'ServiceUnavailable', true);
const lasting = new ServiceError('delivery stream a: AccessDeniedException: no', 'AccessDeniedException', false);

let batches: FakeStreams;
let bucket: FakeBucket;
let pauses: number[];
beforeEach(() => {
  batches = new FakeStreams();
  bucket = new FakeBucket();
  pauses = [];
});

function destination(streams = ['a'], withBucket = true) {
  const sleep = (milliseconds: number) => Promise.resolve(void pauses.push(milliseconds));
  const pace = { sleep, random: () => 0.5 };
  return new DeliveryStreamsDestination({ batches, streams, bucket: withBucket ? bucket : undefined, pace });
}

const chain = new Chain('chain-1');
const sealAt = (n: number, time: number) => chain.seal(attempt(n, { time }));
const seal = (count: number) => Array.from({ length: count }, (_, n) => sealAt(n, SAMPLE_TIME + n));
const HOUR = 3_600_000;

/** An event of so many MB and a little more; at most 6, as groups may be. */
function large(megabytes: number): SealedEvent {
  const groups = Array.from({ length: megabytes * 100 }, () => ({ name: 'x'.repeat(10_240) }));
  return chain.seal(attempt(0, { actor: { user: { uid: 'alice', groups } } }));
}

const recovered = (events: readonly SealedEvent[]) => events.map(() => 'recovered');
const taken = () => batches.taken.map(({ line }) => line).sort();
const linesOf = (events: readonly SealedEvent[]) => events.map(({ line }) => `${line}\n`).sort();

describe('delivery streams', () => {
  it('get each event as one record, at most 500 a batch, in the order of time', async () => {
    const events = seal(1_100);
    expect(await destination().replay([...events].reverse())).toEqual(recovered(events));
    expect(batches.calls.map(({ lines }) => lines.length)).toEqual([500, 500, 100]);
    expect(batches.taken.map(({ line }) => line)).toEqual(events.map(({ line }) => `${line}\n`));
    expect(pauses).toEqual([]);
  });

  it('get at most 4 MiB a batch', async () => {
    const events = Array.from({ length: 9 }, () => {
      const groups = Array.from({ length: 90 }, () => ({ name: 'x'.repeat(10_240) }));
      return chain.seal(attempt(0, { actor: { user: { uid: 'alice', groups } } }));
    });
    await destination().replay(events);
    expect(batches.calls.map(({ lines }) => lines.length)).toEqual([4, 4, 1]);
    for (const { lines } of batches.calls) {
      expect(Buffer.byteLength(lines.join(''))).toBeLessThanOrEqual(4 * 1024 * 1024);
    }
  });

  it('get what they did not take again, and only that, after longer and longer pauses', async () => {
    const events = seal(10);
    batches.faults = [
      { kind: 'partial', failed: (i) => i % 2 === 1 },
      { kind: 'partial', failed: (i) => i === 0 },
    ];
    expect(await destination().replay(events)).toEqual(recovered(events));
    expect(batches.calls.map(({ lines }) => lines.length)).toEqual([10, 5, 1]);
    expect(taken()).toEqual(linesOf(events));
    expect(pauses).toEqual([200, 400]);
  });

  it('get a batch without an answer again, whether they had taken it or not', async () => {
    const events = seal(3);
    batches.faults = [
      { kind: 'fail', error: passing },
      { kind: 'fail-but-persisted', error: passing },
    ];
    expect(await destination().replay(events)).toEqual(recovered(events));
    expect(batches.calls.map(({ lines }) => lines.length)).toEqual([3, 3, 3]);
    expect(taken()).toEqual(linesOf([...events, ...events]));
  });

  it('fail for an event that they do not take in eight tries, and take the others', async () => {
    const events = seal(3);
    batches.faults = [
      { kind: 'partial', failed: (i) => i === 1 },
      ...Array.from({ length: 7 }, () => ({ kind: 'partial', failed: () => true }) as const),
    ];
    const { uid, fingerprint } = events[1]!;
    expect(await destination().replay(events)).toEqual([
      'recovered',
      {
        problem: 'failed',
        uid,
        fingerprint,
        detail: 'delivery stream a did not take it: ServiceUnavailableException',
      },
      'recovered',
    ]);
    expect(batches.calls).toHaveLength(8);
    expect(pauses.every((pause) => pause <= 5_000)).toBe(true);
  });

  it('end the recovery where another try makes no sense', async () => {
    batches.faults = [{ kind: 'fail', error: lasting }];
    await expect(destination().replay(seal(3))).rejects.toBe(lasting);
    batches.faults = [{ kind: 'fail', error: new TypeError('a fault of the program') }];
    await expect(destination().replay(seal(3))).rejects.toThrow('a fault of the program');
    expect(batches.calls).toHaveLength(2);
  });

  it('share the hours, each hour with one of them only', async () => {
    const events = Array.from({ length: 40 }, (_, n) => sealAt(n, SAMPLE_TIME + (n % 5) * HOUR));
    const to = destination(['a', 'b']);
    await to.replay(events.slice(0, 20));
    await to.replay(events.slice(20));
    const streams = new Map<string, Set<string>>();
    for (const { stream, line } of batches.taken) {
      const hour = String(Math.floor((JSON.parse(line) as { time: number }).time / HOUR));
      streams.set(hour, (streams.get(hour) ?? new Set()).add(stream));
    }
    expect([...streams].sort().map(([, names]) => [...names].join())).toEqual(['a', 'b', 'a', 'b', 'a']);
  });

  it('get no more hours than a stream keeps open at once', async () => {
    const events = Array.from({ length: 402 }, (_, n) => sealAt(n, SAMPLE_TIME + n * HOUR));
    const replayed = await destination().replay(events);
    expect(replayed.slice(0, 400)).toEqual(recovered(events.slice(0, 400)));
    expect(replayed.slice(400)).toEqual(
      events.slice(400).map(({ uid }) =>
        expect.objectContaining({
          uid,
          problem: 'failed',
          detail: expect.stringContaining('one too many') as string,
        }),
      ),
    );
    expect(batches.taken).toHaveLength(400);
    expect(await destination(['a', 'b']).replay(events)).toEqual(recovered(events));
  });
});

describe('an event that is too large for a record', () => {
  it('goes to the fallback, once, and the others to the stream', async () => {
    const [small] = seal(1);
    const event = large(2);
    expect(await destination().replay([event, small!])).toEqual(['recovered', 'recovered']);
    const key = fallbackKey(event.event.time, event.uid);
    expect([...bucket.objects.keys()]).toEqual([key]);
    expect(bucket.objects.get(key)?.toString()).toBe(`${event.line}\n`);
    expect(taken()).toEqual(linesOf([small!]));
    expect(await destination().replay([event])).toEqual(['already in the trail']);
  });

  it('is refused where another one has its uid, or cannot be compared', async () => {
    const [one, other] = [large(2), large(3)];
    await destination().replay([one]);
    expect(await destination().replay([other])).toMatchObject([
      { problem: 'refused', uid: other.uid, detail: expect.stringContaining('at least one is forged') as string },
    ]);
    bucket.keepsChecksums = false;
    expect(await destination().replay([one])).toMatchObject([
      { problem: 'refused', detail: expect.stringContaining('no checksum') as string },
    ]);
    expect([...bucket.objects.values()].map(String)).toEqual([`${one.line}\n`]);
  });

  it('fails with what to do where there is no bucket, or it may not be written', async () => {
    const event = large(2);
    expect(await destination(['a'], false).replay([event])).toMatchObject([
      { problem: 'failed', detail: expect.stringMatching(/^\d+ bytes are too many .* --bucket$/) as string },
    ]);
    bucket.error = new ServiceError('s3://trail/x: AccessDenied: no', 'AccessDenied', false);
    expect(await destination().replay([event])).toMatchObject([
      {
        problem: 'failed',
        detail:
          "s3://trail/x: AccessDenied: no; the bucket's policy lets nobody but the role of a writer write under fallback/",
      },
    ]);
    expect(batches.calls).toEqual([]);
  });
});
