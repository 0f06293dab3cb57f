import { expect, it } from 'vitest';
import { SealerHandler } from '../../lambda/sealer/handler';
import { turnOf } from '../../lambda/sealer/sweep';
import type { ObjectVersion, StoredFile } from '../../lib/ledger/seal';
import { SWEEP, SWEEP_ROUND_HOURS } from '../../lib/ledger/seal/settings';

const HOUR = 3_600_000;
/** What Lambda gives an invocation. */
const LIMIT = 5 * 60_000;
const MILLION = 1_000_000;

/**
 * A bucket with a million objects in one hour, and a sealer, in simulated time: a page of a listing takes 80 ms, sealing an
 * object 1.5 ms, and finding that it is sealed 20 µs.
 */
class Simulation {
  now = Date.UTC(2026, 10, 24, 7, 30);
  longest = 0;
  readonly lines: string[] = [];
  private readonly sealedBulk: Uint8Array;
  private readonly sealedOthers = new Set<string>();
  /** What sweeps write down. */
  file: StoredFile | undefined;

  constructor(
    readonly bulk: string,
    readonly others: string[],
    private readonly count = MILLION,
  ) {
    this.sealedBulk = new Uint8Array(count);
  }

  get sealed(): number {
    return this.sealedBulk.reduce((sum, one) => sum + one, 0);
  }

  isSealed(key: string): boolean {
    return this.sealedOthers.has(key);
  }

  /** One sweep, and then it is an hour later. */
  async sweep(): Promise<void> {
    const begin = this.now;
    await this.handler().handle(SWEEP, () => begin + LIMIT - this.now);
    this.longest = Math.max(this.longest, this.now - begin);
    this.now = begin + HOUR;
  }

  private handler(): SealerHandler {
    return new SealerHandler({
      settings: { bucket: 'trail', sweepHours: 24, metricNamespace: 'AuditProxy/test' },
      sealer: async () => ({ seal: async (versions) => this.seal([...versions]) }),
      bucket: { level: (prefix) => this.level(prefix), versions: (prefix, after) => this.versions(prefix, after?.key) },
      store: {
        get: async () => this.file,
        putIfAbsent: async (_, bytes) => this.file === undefined && this.put(bytes),
        putIfMatch: async (_, bytes, etag) => this.file?.etag === etag && this.put(bytes),
      },
      now: () => this.now,
      log: (line) => void this.lines.push(line),
    });
  }

  private put(bytes: Uint8Array): true {
    this.file = { bytes, etag: String(this.now) };
    return true;
  }

  private async *level(prefix: string) {
    this.now += 80;
    const keys = [`${this.bulk}0`, ...this.others].filter((key) => key.startsWith(prefix));
    const ends = keys.map((key) => key.indexOf('/', prefix.length) + 1);
    yield { versions: [], folders: [...new Set(keys.map((key, i) => key.slice(0, ends[i])))] };
  }

  private async *versions(prefix: string, after = '') {
    const version = (key: string) => ({ key, versionId: 'v', lastModified: this.now - HOUR / 4 });
    if (prefix !== this.bulk) {
      this.now += 80;
      yield this.others.filter((key) => key.startsWith(prefix) && key > after).map(version);
      return;
    }
    for (let at = after === '' ? 0 : Number(after.slice(this.bulk.length)) + 1; at < this.count; at += 1_000) {
      this.now += 80;
      const size = Math.min(1_000, this.count - at);
      yield Array.from({ length: size }, (_, i) => version(this.bulk + String(at + i).padStart(7, '0')));
    }
  }

  private async seal(versions: readonly ObjectVersion[]) {
    const sealed = versions.filter(({ key }) => {
      if (!key.startsWith(this.bulk)) return !this.sealedOthers.has(key) && this.sealedOthers.add(key);
      const number = Number(key.slice(this.bulk.length));
      return this.sealedBulk[number] === 0 && (this.sealedBulk[number] = 1);
    });
    this.now += sealed.length * 1.5 + (versions.length - sealed.length) * 0.02;
    const head = { size: 0, root: Buffer.alloc(32) };
    return { head, sealed, known: versions.length - sealed.length, missing: [], unreadable: [], failed: [] };
  }
}

const PREFIX = 'fallback/dt=2026-11-';

it('seals a million objects of one late hour, each sweep within its time, and everything else meanwhile', async () => {
  const others = Array.from({ length: 168 }, (_, i) => `events/dt=2026-10-${10 + (i % 20)}/hour=${10 + (i % 13)}/${i}`);
  const simulation = new Simulation(`${PREFIX}03/hour=04/`, others);
  let hours = 0;
  for (; simulation.sealed < MILLION && hours < 2 * SWEEP_ROUND_HOURS; hours++) await simulation.sweep();
  expect(simulation.sealed).toBe(MILLION);
  // It has its turn once in a round; the sweeps after that go on with it.
  const turn = turnOf(simulation.bulk);
  const waited = (turn - (Math.floor(Date.UTC(2026, 10, 24, 7) / HOUR) % SWEEP_ROUND_HOURS) + SWEEP_ROUND_HOURS) % SWEEP_ROUND_HOURS; // prettier-ignore
  expect(hours).toBeLessThan(waited + 16);
  for (; hours < SWEEP_ROUND_HOURS; hours++) await simulation.sweep();
  expect(others.filter((key) => !simulation.isSealed(key))).toEqual([]);
  expect(simulation.longest).toBeLessThan(LIMIT);
  // Nothing is left, and that is written down.
  expect(JSON.parse(simulation.file!.bytes.toString())).toEqual({ v: 1, slices: [] });
});

it('seals many objects of the last hours as well', async () => {
  const simulation = new Simulation(`${PREFIX}24/hour=06/`, [], 300_000);
  for (let hour = 0; hour < 4; hour++) await simulation.sweep();
  expect(simulation.sealed).toBe(300_000);
  expect(simulation.longest).toBeLessThan(LIMIT);
});

it('goes on without what an earlier sweep wrote down, if that was removed or changed', async () => {
  for (const change of ['removed', 'changed']) {
    const simulation = new Simulation(`${PREFIX}24/hour=06/`, [], 300_000);
    for (let hour = 0; hour < 6; hour++) {
      await simulation.sweep();
      if (hour > 2 || simulation.file === undefined) continue;
      const bytes = Buffer.from('{"slices":[{"prefix":7}]}');
      simulation.file = change === 'removed' ? undefined : { ...simulation.file, bytes };
    }
    expect(simulation.sealed).toBe(300_000);
  }
});
