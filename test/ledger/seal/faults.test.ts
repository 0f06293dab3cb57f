import { beforeAll, describe, expect, it } from 'vitest';
import { MemorySealStore, type StoreCall } from '../../support/memory-seal-store';
import { named, provenLeaves, randomFrom, sealerOver, versionsOf } from './support';

/**
 * A batch of 20 onto a tree of 250, so that a bundle and a tile become full, a tile of the next level begins, and every
 * kind of write is among them.
 */
const BEFORE = versionsOf(250);
const BATCH = versionsOf(20, 250);

interface Clean {
  readonly files: ReadonlyMap<string, string>;
  readonly calls: readonly StoreCall[];
  readonly writes: readonly StoreCall[];
}

/** The same without faults. */
let clean: Clean;

beforeAll(async () => {
  const store = await storeBefore();
  const calls: StoreCall[] = [];
  await sealerOver(store.client({ fault: (call) => void calls.push(call) })).seal(BATCH);
  clean = { files: contents(store), calls, writes: calls.filter(({ write }) => write >= 0) };
});

describe('every write of the protocol', () => {
  it('is in the table', () => {
    expect(clean.writes.map(({ kind, path }) => `${kind} ${path.replace(/[0-9a-f]{64}/, '<root>')}`)).toEqual([
      'putIfAbsent staging/250/270-<root>',
      'putIfMatch head',
      'putIfAbsent tile/entries/000',
      'putIfAbsent tile/entries/001.p/14',
      'putIfAbsent tile/0/000',
      'putIfAbsent tile/0/001.p/14',
      'putIfAbsent tile/1/000.p/1',
      ...clean.writes.slice(7, -1).map(({ path }) => `putIfAbsent ${path}`),
      'putIfMatch checkpoint',
    ]);
    const index = clean.writes.slice(7, -1);
    expect(index.every(({ path }) => path.startsWith('index/'))).toBe(true);
    expect(index.length).toBeGreaterThan(3);
  });

  for (const fault of ['failed', 'failed but persisted'] as const) {
    it(`is done in the end if it ${fault === 'failed' ? 'failed' : 'failed, but was persisted'}`, async () => {
      for (const { write, path } of clean.writes) {
        const store = await storeBefore();
        const report = await sealerOver(
          store.client({ fault: (call) => (call.write === write ? fault : undefined) }),
        ).seal(BATCH);
        expect(contents(store), `${fault}: ${path}`).toEqual(clean.files);
        expect(named(report.sealed), path).toEqual(named(BATCH));
        expect(report.known, path).toBe(0);
        await provenLeaves(store);
      }
    });
  }

  for (const crash of ['crash before', 'crash after'] as const) {
    it(`can be the last of a sealer (${crash}): another one goes on`, async () => {
      for (const { write, path } of clean.writes) {
        const store = await storeBefore();
        const dying = sealerOver(store.client({ fault: (call) => (call.write === write ? crash : undefined) }));
        await expect(dying.seal(BATCH)).rejects.toThrow('crash');
        await provenLeaves(await finished(store)); // even if no notice ever comes again

        await sealerOver(store.client()).seal(BATCH);
        expect(contents(store), `${crash}: ${path}`).toEqual(clean.files);
        expect(named(await provenLeaves(store))).toEqual(named([...BEFORE, ...BATCH]));
      }
    });

    it(`can be the last of a sealer (${crash}): another one with other notices goes on`, async () => {
      const others = [...versionsOf(7, 260), ...versionsOf(9, 300)];
      for (const { write, path } of clean.writes) {
        const store = await storeBefore();
        const dying = sealerOver(store.client({ fault: (call) => (call.write === write ? crash : undefined) }));
        await expect(dying.seal(BATCH)).rejects.toThrow('crash');

        await sealerOver(store.client()).seal(others);
        await sealerOver(store.client()).seal([...BATCH].reverse());
        const leaves = await provenLeaves(store);
        expect(named(leaves), `${crash}: ${path}`).toEqual(named([...BEFORE, ...BATCH, ...versionsOf(9, 300)]));
      }
    });
  }
});

describe('every read of the protocol', () => {
  it('can fail', async () => {
    for (const { number, kind, path } of clean.calls) {
      const store = await storeBefore();
      await sealerOver(store.client({ fault: (call) => (call.number === number ? 'failed' : undefined) })).seal(BATCH);
      expect(contents(store), `${kind} ${path}`).toEqual(clean.files);
    }
  });
});

describe('faults in any number', () => {
  it('leave one consistent tree', async () => {
    const kinds = ['failed', 'failed but persisted', 'crash before', 'crash after'] as const;
    for (let seed = 1; seed <= 20; seed++) {
      const random = randomFrom(seed);
      const store = new MemorySealStore();
      const client = () => {
        const rate = random() * 0.25;
        return store.client({
          fault: () =>
            random() < rate ? (kinds[Math.floor(random() * 60)] ?? kinds[Math.floor(random() * 2)]) : undefined,
        });
      };
      for (let part = 0; part < 6; part++) {
        await sealUntilDone(() => sealerOver(client()).seal(versionsOf(60 + part * 20)));
      }
      expect(await provenLeaves(store), `seed ${seed}`).toHaveLength(160);
    }
  });
});

describe('a store that keeps failing', () => {
  it('is given up, with its own words', async () => {
    const store = await storeBefore();
    const client = store.client({ fault: ({ path }) => (path === 'checkpoint' ? 'failed' : undefined) });
    await expect(sealerOver(client).seal(BATCH)).rejects.toThrow('get checkpoint: failed');
  });

  it('is asked ever more seldom', async () => {
    const waits: number[] = [];
    const timing = { sleep: async (milliseconds: number) => void waits.push(milliseconds), random: () => 1 };
    const client = new MemorySealStore().client({ fault: () => 'failed' });
    await expect(sealerOver(client, { timing }).seal(BATCH)).rejects.toThrow('failed');
    expect(waits).toEqual([100, 200, 400, 800, 1600, 3200, 5000, 5000, 5000]);
  });
});

async function storeBefore(): Promise<MemorySealStore> {
  const store = new MemorySealStore();
  await sealerOver(store.client()).seal(BEFORE);
  return store;
}

/** What a sealer makes of it that has nothing to seal. */
async function finished(store: MemorySealStore): Promise<MemorySealStore> {
  await sealerOver(store.client()).seal([]);
  return store;
}

async function sealUntilDone(seal: () => Promise<unknown>): Promise<void> {
  for (let tries = 0; tries < 200; tries++) {
    const done = await seal().then(
      () => true,
      () => false,
    );
    if (done) return;
  }
  expect.fail('not sealed in 200 tries');
}

function contents(store: MemorySealStore): Map<string, string> {
  return new Map([...store.files].sort(([a], [b]) => (a < b ? -1 : 1)).map(([path, { bytes }]) => [path, Buffer.from(bytes).toString('base64')])); // prettier-ignore
}
