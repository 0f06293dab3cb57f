import { createHash } from 'node:crypto';
import { rm } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { S3VersionedBucket } from '../../bin/aws/s3-versioned-bucket';
import { NO_PROGRESS } from '../../bin/verify/progress';
import { bucketStore } from '../../bin/verify/trail/bucket-store';
import { localStore } from '../../bin/verify/trail/local-store';
import type { TrailStore } from '../../bin/verify/trail/trail-store';
import { verify, type Verification } from '../../bin/verify/verify';
import { partitionOf, partitionPath } from '../../lib/event/keys';
import { signCheckpoint } from '../../lib/ledger';
import { Sealer } from '../../lib/ledger/seal';
import { keysUnder } from '../attacks/real-trail';
import { newSigner } from '../ledger/evidence/support';
import { MemorySealStore } from '../support/memory-seal-store';
import { s3Client } from '../support/s3-client';
import { S3Server } from '../support/s3-server';
import { emptyTrail, writeBytes } from '../support/sample-trail';
import { codesOf } from './support';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const NOW = Date.UTC(2026, 10, 24, 12);
const signer = newSigner('audit.example.com/orders');

/** An object for each checkpoint, and a checkpoint each six hours. What is not an event is the cheapest to look into. */
interface Made {
  readonly key: string;
  readonly bytes: Buffer;
  readonly time: number;
}

class History {
  readonly ledger = new MemorySealStore();
  readonly objects: Made[] = [];

  /** @param put lays an object down, and gives the id of its version */
  constructor(private readonly put: (object: Made) => Promise<string> | string) {}

  /** @param times of the objects, oldest first */
  async grow(times: readonly number[]): Promise<void> {
    for (const time of times) {
      const bytes = Buffer.from(`body ${this.objects.length}`);
      const key = `payloads/${partitionPath(partitionOf(time))}${sha256(bytes)}`;
      const object = { key, bytes, time };
      this.objects.push(object);
      await this.sealer(object).seal([{ key, versionId: await this.put(object) }]);
    }
  }

  get note(): Uint8Array {
    return this.ledger.files.get('checkpoint')!.bytes;
  }

  private sealer({ bytes }: Made): Sealer {
    return new Sealer({
      store: this.ledger.client(),
      inspector: { inspect: async () => ({ size: bytes.length, sha256: sha256(bytes) }) },
      signer,
      timing: { sleep: async () => undefined, random: () => 0 },
    });
  }
}

const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');

/** So many times up to two days ago. */
const oldTimes = (count: number) =>
  Array.from({ length: count }, (_, i) => NOW - 2 * DAY_MS - (count - i) * 6 * HOUR_MS);
/** So many times of today. */
const newTimes = (count: number) => Array.from({ length: count }, (_, i) => NOW - 6 * HOUR_MS + i * 60_000);

/** What was asked of a store, by kind. */
interface Counts {
  readonly checkpoints: number;
  readonly tiles: number;
  readonly objects: number;
  readonly lists: number;
}

async function run(store: TrailStore, from: Uint8Array, now = NOW): Promise<Verification> {
  return verify({
    store,
    key: signer.verifier,
    from: { note: from, file: 'saved' },
    sealLagMs: 120_000,
    edgeLagMs: 120_000,
    now,
    progress: NO_PROGRESS,
  });
}

interface Incremental extends Counts {
  readonly verification: Verification;
}

/** Makes a history in a bucket, lets it grow, and verifies what is newer. */
async function inBucket(old: number, added: number): Promise<Incremental> {
  const s3 = await S3Server.start();
  s3.retentionDays = 365;
  const history = new History(({ key, bytes, time }) => s3.add(key, bytes, { modified: new Date(time) }));
  const publish = (from: number) => {
    const notes = history.ledger.history.get('checkpoint')!.slice(from);
    notes.forEach((note, i) =>
      s3.add('ledger/checkpoint', note, { modified: new Date(history.objects[from + i]!.time) }),
    );
    for (const [name, { bytes }] of history.ledger.files) {
      if (name !== 'checkpoint' && !s3.objects.has(`ledger/${name}`)) s3.add(`ledger/${name}`, bytes);
    }
  };
  await history.grow(oldTimes(old));
  publish(0);
  const saved = history.note;
  await history.grow(newTimes(added));
  publish(old);
  const client = s3Client(s3);
  const verification = await run(bucketStore(new S3VersionedBucket(client, 'trail')), saved);
  const urls = s3.requests.map(({ url }) => decodeURIComponent(url));
  const count = (pattern: RegExp) => urls.filter((url) => pattern.test(url)).length;
  return {
    verification,
    checkpoints: count(/ledger\/checkpoint\?.*versionId/),
    tiles: count(/ledger\/tile/),
    objects: count(/\/payloads\/.*versionId/),
    lists: count(/[?&]versions/),
  };
}

/** The same in a folder. */
async function inFolder(old: number, added: number): Promise<Incremental> {
  const dir = await emptyTrail();
  const history = new History(async ({ key, bytes }) => (await writeBytes(dir, key, bytes), 'null'));
  await history.grow(oldTimes(old));
  const saved = history.note;
  await history.grow(newTimes(added));
  for (const [name, { bytes }] of history.ledger.files) await writeBytes(dir, `ledger/${name}`, bytes);
  for (const [i, note] of history.ledger.history.get('checkpoint')!.entries()) {
    await writeBytes(dir, `ledger/versions/checkpoint/${String(i + 1).padStart(16, '0')}`, note);
  }
  const counts = { checkpoints: 0, tiles: 0, objects: 0, lists: 0 };
  const store = localStore(dir);
  const verification = await run({ ...store, ...counted(store, counts) }, saved);
  return { verification, ...counts };
}

function counted(store: TrailStore, counts: { -readonly [kind in keyof Counts]: number }): Partial<TrailStore> {
  return {
    ledger: { read: (file) => ((counts.tiles += Number(file.startsWith('tile/'))), store.ledger.read(file)) },
    read: (version) => ((counts.objects += 1), store.read(version)),
    checkpoints: async function* () {
      for await (const checkpoint of store.checkpoints()) {
        counts.checkpoints += 1;
        yield checkpoint;
      }
    },
    versions: async function* (days) {
      for await (const version of store.versions(days)) {
        counts.lists += 1;
        yield version;
      }
    },
  };
}

describe.each([
  ['a bucket', inBucket],
  ['a folder', inFolder],
])('an incremental run over %s', (_, made) => {
  it('asks for no more where the history is twice as long', async () => {
    const [short, long] = [await made(200, 3), await made(400, 3)];
    for (const { verification } of [short, long]) {
      expect(verification.findings).toEqual([]);
      expect(verification.totals).toMatchObject({ hashed_objects: 3, unsealed_objects: 0 });
    }
    const { checkpoints, objects, lists } = short;
    expect(long).toMatchObject({ checkpoints, objects, lists });
    expect(checkpoints).toBeLessThanOrEqual(3 + 1 + 3);
    expect(objects).toBe(3);
    // One more level of tiles, read in the few places where one is.
    expect(long.tiles - short.tiles).toBeLessThanOrEqual(4);
  });

  it('asks for as much more as there is new', async () => {
    const runs = [await made(200, 0), await made(200, 10), await made(200, 20)];
    for (const { verification } of runs) expect(verification.findings).toEqual([]);
    expect(runs.map(({ objects }) => objects)).toEqual([0, 10, 20]);
    expect(runs[0]!.checkpoints).toBe(1);
    for (const [i, { checkpoints, tiles, lists }] of runs.entries()) {
      expect(checkpoints).toBeLessThanOrEqual(1 + 2 * 10 * i);
      expect(tiles).toBeLessThanOrEqual(runs[0]!.tiles + 8);
      expect(lists).toBeLessThanOrEqual(runs[0]!.lists + 10 * i);
    }
  });
});

describe('an incremental run', () => {
  /** A trail in a folder of twenty checkpoints, to be attacked; `note(n)` is the n-th. */
  async function trail() {
    const dir = await emptyTrail();
    const history = new History(async ({ key, bytes }) => (await writeBytes(dir, key, bytes), 'null'));
    await history.grow([...oldTimes(15), ...newTimes(5)]);
    for (const [name, { bytes }] of history.ledger.files) await writeBytes(dir, `ledger/${name}`, bytes);
    const notes = history.ledger.history.get('checkpoint')!;
    for (const [i, note] of notes.entries()) await writeState(dir, i + 1, note);
    return { dir, note: (n: number) => notes[n - 1]! };
  }

  const writeState = (dir: string, number: number, note: Uint8Array) =>
    writeBytes(dir, `ledger/versions/checkpoint/${String(number).padStart(16, '0')}`, note);

  const codesFrom = async (dir: string, from: Uint8Array) => codesOf(await run(localStore(dir), from));

  it('finds a ledger that was rolled back behind the checkpoint, and one that was rolled back since', async () => {
    const { dir, note } = await trail();
    expect(await codesFrom(dir, note(15))).toEqual([]);
    await writeState(dir, 21, note(17));
    await writeBytes(dir, 'ledger/checkpoint', note(17));
    expect(await codesFrom(dir, note(15))).toContain('ROLLED_BACK');
    expect(await codesFrom(dir, note(20))).toContain('ROLLED_BACK');
  });

  it('finds a ledger that forked from the checkpoint', async () => {
    const { dir } = await trail();
    const other = new History(() => 'null');
    await other.grow(oldTimes(3).map((time) => time - HOUR_MS));
    expect(await codesFrom(dir, other.note)).toContain('FORKED');
  });

  it('refuses the checkpoint of another ledger, and what is none', async () => {
    const { dir, note } = await trail();
    const stranger = newSigner('audit.example.com/invoices');
    const root = Buffer.alloc(32);
    const foreign = await signCheckpoint({ origin: stranger.verifier.name, size: 7, root }, [stranger]);
    await expect(run(localStore(dir), foreign)).rejects.toThrow(/^saved is no checkpoint of this ledger: /);
    await expect(run(localStore(dir), note(15).subarray(0, 9))).rejects.toThrow('saved is no checkpoint');
  });

  it('finds what is new and was tampered with: changed, removed, and put there unsealed', async () => {
    const changed = await trail();
    const last = (dir: string) => keysUnder(dir, 'payloads/dt=2026-11-24/');
    const [key] = await last(changed.dir);
    await writeBytes(changed.dir, key!, 'Body 1');
    expect(await codesFrom(changed.dir, changed.note(15))).toContain('OBJECT_CHANGED');
    await rm(path.join(changed.dir, key!));
    expect(await codesFrom(changed.dir, changed.note(15))).toContain('OBJECT_MISSING');

    const added = await trail();
    await writeBytes(added.dir, 'payloads/dt=2026-11-24/hour=07/extra', 'x');
    const store = { ...localStore(added.dir) };
    expect(codesOf(await run(store, added.note(20), Date.now() + DAY_MS))).toEqual(['UNSEALED_OBJECT']);
  });
});
