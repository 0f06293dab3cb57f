import { describe, expect, it } from 'vitest';
import { openCheckpoint, type NoteSigner } from '../../../lib/ledger';
import { SealError, type ObjectVersion } from '../../../lib/ledger/seal';
import { MemorySealStore } from '../../support/memory-seal-store';
import { named, provenLeaves, randomFrom, sealerOver, signer, versionsOf } from './support';

/** Lets one call at a time through, chosen by chance: every order of the calls of all sealers can come. */
class Scheduler {
  private readonly waiting: (() => void)[] = [];

  constructor(private readonly random: () => number) {}

  turn(): Promise<void> {
    return new Promise((resolve) => void this.waiting.push(resolve));
  }

  /** Until the work is done. */
  async run(work: Promise<unknown>): Promise<void> {
    let done = false;
    const end = () => void (done = true);
    work.then(end, end);
    while (!done) {
      // Whatever can go on without a turn does so first.
      await new Promise((resolve) => setImmediate(resolve));
      const chosen = Math.floor(this.random() * this.waiting.length);
      this.waiting.splice(chosen, 1)[0]?.();
    }
  }
}

/** Signs only what `head` has gone to: whatever else is signed is told. */
class WatchedSigner implements NoteSigner {
  readonly verifier = signer.verifier;
  readonly premature: number[] = [];

  constructor(private readonly store: MemorySealStore) {}

  async sign(message: Uint8Array): Promise<Uint8Array> {
    const [, size, root] = Buffer.from(message).toString().split('\n') as [string, string, string];
    const won = (this.store.history.get('head') ?? []).some((bytes) => {
      const head = JSON.parse(Buffer.from(bytes).toString()) as { size: number; root: string };
      return head.size === Number(size) && head.root === Buffer.from(root, 'base64').toString('hex');
    });
    if (!won) this.premature.push(Number(size));
    return signer.sign(message);
  }
}

/** Runs sealers side by side, each with its notices in parts; whoever gives up is told again, as a queue does. */
async function interleave(seed: number, notices: readonly (readonly ObjectVersion[])[][]) {
  const random = randomFrom(seed);
  const scheduler = new Scheduler(random);
  const store = new MemorySealStore();
  const watched = new WatchedSigner(store);
  const turn = () => scheduler.turn();
  const work = notices.map(async (parts) => {
    const sealer = sealerOver(store.client({ turn }), { signer: watched, timing: { sleep: turn, random } });
    for (const part of parts) {
      await sealer.seal(part).catch(async (error: unknown) => {
        if (!(error instanceof SealError) || error.code !== 'CONTENDED') throw error;
        await sealer.seal(part);
      });
    }
  });
  const all = Promise.all(work);
  await scheduler.run(all);
  await all;
  expect(watched.premature, `seed ${seed}`).toEqual([]);
  return { store, leaves: await provenLeaves(store) };
}

describe('sealers side by side', () => {
  for (const count of [2, 5]) {
    it(`${count} that are told of the same objects seal each once`, async () => {
      const versions = versionsOf(24);
      for (let seed = 1; seed <= 20; seed++) {
        const notices = Array.from({ length: count }, () => [versions.slice(0, 12), versions]);
        const { leaves } = await interleave(seed, notices);
        expect(named(leaves), `seed ${seed}`).toEqual(named(versions));
      }
    });

    it(`${count} that are told in other orders, of some twice and of some not, seal each once`, async () => {
      const versions = versionsOf(120);
      for (let seed = 1; seed <= 8; seed++) {
        const random = randomFrom(seed * 1000);
        const told = new Set<ObjectVersion>();
        const notices = Array.from({ length: count }, () =>
          Array.from({ length: 3 }, () => {
            const part = versions.filter(() => random() < 0.4).sort(() => random() - 0.5);
            for (const version of part) told.add(version);
            return part;
          }),
        );
        const { leaves } = await interleave(seed, notices);
        expect(named(leaves), `seed ${seed}`).toEqual(named([...told]));
      }
    });
  }

  it('collide at all: some proposals lose', async () => {
    const versions = versionsOf(40);
    const notices = Array.from({ length: 5 }, (_, i) => [versions.slice(i * 8, i * 8 + 8)]);
    const { store } = await interleave(7, notices);
    const staged = [...store.files.keys()].filter((path) => path.startsWith('staging/'));
    expect(staged.length).toBeGreaterThan(store.history.get('head')!.length);
  });
});

describe('a sealer that wakes up late', () => {
  it('puts no older checkpoint over a newer one', async () => {
    for (const stuckAt of ['get checkpoint', 'putIfMatch checkpoint']) {
      const store = new MemorySealStore();
      await sealerOver(store.client()).seal(versionsOf(5));

      let asleep = (): void => undefined;
      let wake = (): void => undefined;
      const fellAsleep = new Promise<void>((resolve) => (asleep = resolve));
      const woken = new Promise<void>((resolve) => (wake = resolve));
      let checkpoints = 0;
      const late = sealerOver(
        store.client({
          turn: async ({ kind, path }) => {
            if (`${kind} ${path}` !== stuckAt || (kind === 'get' && checkpoints++ === 0)) return;
            asleep();
            await woken;
          },
        }),
      ).seal(versionsOf(5, 5));
      await fellAsleep;
      await sealerOver(store.client()).seal(versionsOf(5, 10));
      wake();

      expect((await late).head.size, stuckAt).toBe(10);
      const sizes = store.history.get('checkpoint')!.map((bytes) => openCheckpoint(bytes, [signer.verifier]).size);
      expect(sizes, stuckAt).toEqual([5, 10, 15]);
      expect(await provenLeaves(store)).toHaveLength(15);
    }
  });

  it('stages the rest of its batch, where it lost against the first part of it', async () => {
    const store = new MemorySealStore();
    const versions = versionsOf(8).sort((a, b) => (a.key < b.key ? -1 : 1));
    await sealerOver(store.client()).seal(versions.slice(0, 1));
    let first = true;
    const loser = store.client({
      turn: async ({ kind, path }) => {
        if (kind !== 'putIfMatch' || path !== 'head' || !first) return;
        first = false;
        await sealerOver(store.client()).seal(versions.slice(1, 4));
      },
    });

    const report = await sealerOver(loser).seal(versions.slice(1));

    expect(named(report.sealed)).toEqual(named(versions.slice(4)));
    const staged = [...store.files.keys()].filter((path) => path.startsWith('staging/'));
    const ofEight = staged.filter((path) => path.includes('/8-')).map((path) => path.split('/')[2]);
    expect(ofEight).toHaveLength(2);
    expect(new Set(ofEight).size).toBe(1); // the same tree, reached in two ways
    expect(named(await provenLeaves(store))).toEqual(named(versions));
  });
});
