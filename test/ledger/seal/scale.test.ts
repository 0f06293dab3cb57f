import { expect, it } from 'vitest';
import { MemorySealStore } from '../../support/memory-seal-store';
import { factsOf, provenLeaves, sealerOver } from './support';

const surge = (count: number, hour: string) =>
  Array.from({ length: count }, (_, i) => ({
    key: `fallback/dt=2026-11-24/hour=${hour}/${String(i).padStart(8, '0')}.json`,
    versionId: 'v',
  }));

it('seals a surge of single-event objects with few requests to the ledger, in order or as one backlog', async () => {
  const store = new MemorySealStore();
  const versions = surge(10_000, '07');
  const inspector = { inspect: async (version: (typeof versions)[number]) => factsOf(version) };
  await sealerOver(store.client(), { inspector }).seal(versions);
  // Two batches, each of some 40 files, most of them entry bundles and tiles of 256 leaves.
  expect(store.calls).toBeLessThan(120);

  // Other sealers, each new, as functions are: nothing is in memory.
  const before = store.calls;
  const more = surge(8_000, '08');
  for (let at = 0; at < more.length; at += 4_000) {
    await sealerOver(store.client(), { inspector }).seal(more.slice(at, at + 4_000));
  }
  expect(store.calls - before).toBeLessThan(120);
  expect(await provenLeaves(store)).toHaveLength(18_000);
});

it('writes as many bytes a leaf to a large log as to a small one', async () => {
  const store = new MemorySealStore();
  const sealer = sealerOver(store.client());
  const bytesOfBatch = async (first: number): Promise<number> => {
    const before = [...store.files.keys()];
    const known = new Set(before);
    await sealer.seal(surge(100, '09').map(({ key }) => ({ key, versionId: `v${first}` })));
    return [...store.files].filter(([path]) => !known.has(path)).reduce((sum, [, { bytes }]) => sum + bytes.length, 0);
  };
  const small = await bytesOfBatch(0);
  await sealer.seal(surge(25_600 - 100, '10')); // the next one begins a new bundle as the first did
  expect(await bytesOfBatch(1)).toBeLessThan(small * 1.1);
});
