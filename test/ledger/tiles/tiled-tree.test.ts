import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  LedgerError,
  TiledTree,
  hashLeaf,
  verifyConsistency,
  verifyInclusion,
  type TreeHead,
} from '../../../lib/ledger';
import { NaiveTree, codeOf, entriesOf, flipped, ledgerOf, type MemoryLedger } from '../support';

const entries = entriesOf(10_000);
const naive = new NaiveTree(entries);
const whole = ledgerOf(entries);

describe('a tree in tiles', () => {
  it('gives the proofs of RFC 6962, for any leaf and any older size of any tree', async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 10_000 }), fc.nat(), fc.nat(), async (size, n, m) => {
        const [index, older] = [n % size, m % (size + 1)];
        const { ledger, head } = ledgerOf(entries.slice(0, size));
        const tree = await TiledTree.open(ledger, head);
        const inclusion = await tree.inclusionProof(index);
        expect(inclusion).toEqual(naive.path(index, 0, size));
        verifyInclusion(hashLeaf(entries[index]!), index, tree, inclusion);
        const consistency = await tree.consistencyProof(older);
        expect(consistency).toEqual(older === 0 ? [] : naive.proof(older, size));
        const past = { size: older, root: await tree.rootAt(older) };
        expect(past.root).toEqual(naive.root(older));
        verifyConsistency(past, tree, consistency);
        expect(await tree.entry(index)).toEqual(entries[index]);
      }),
      { numRuns: 25 },
    );
  });

  it('reads a tile once, and only those it needs', async () => {
    const { ledger, head } = ledgerOf(entriesOf(66_000));
    const tree = await TiledTree.open(ledger, head);
    ledger.reads.length = 0;
    await Promise.all([tree.inclusionProof(1_000), tree.inclusionProof(1_001), tree.consistencyProof(60_000)]);
    await tree.inclusionProof(1_002);
    expect(ledger.reads.sort()).toEqual(['tile/0/003', 'tile/0/234', 'tile/1/000']);
  });

  it('keeps no more tiles than it was told', async () => {
    const { ledger, head } = whole;
    const tree = await TiledTree.open(ledger, head, { cachedTiles: 2 });
    const read = async (...indexes: number[]) => {
      ledger.reads.length = 0;
      for (const index of indexes) await tree.tile(0, index);
      return [...ledger.reads];
    };
    expect(await read(0, 1, 0)).toEqual(['tile/0/000', 'tile/0/001']);
    expect(await read(2)).toEqual(['tile/0/002']);
    expect(await read(0, 1)).toEqual(['tile/0/001']);
  });

  it('refuses what is not in it', async () => {
    const tree = await TiledTree.open(whole.ledger, whole.head);
    for (const leaf of [10_000, -1, 1.5, NaN]) {
      expect(await codeOf(() => tree.inclusionProof(leaf))).toBe('OUT_OF_RANGE');
      expect(await codeOf(() => tree.entry(leaf))).toBe('OUT_OF_RANGE');
    }
    expect(await codeOf(() => tree.rootAt(10_001))).toBe('OUT_OF_RANGE');
    expect(await codeOf(() => tree.consistencyProof(10_001))).toBe('OUT_OF_RANGE');
    expect(await codeOf(() => tree.tile(0, 40))).toBe('OUT_OF_RANGE');
    expect(await codeOf(() => tree.tile(2, 0))).toBe('OUT_OF_RANGE');
    expect(await codeOf(() => tree.entries(40))).toBe('OUT_OF_RANGE');
  });
});

describe('an altered tile', () => {
  const proofOfLeaf1000 = async (ledger: MemoryLedger, head: TreeHead) =>
    (await TiledTree.open(ledger, head)).inclusionProof(1_000);

  it('is refused for each of its hashes, with its place', async () => {
    for (let i = 0; i < 256; i++) {
      const altered = whole.ledger.alter('tile/0/003', (body) => flipped(body, i * 32 + (i % 32)));
      const error = await proofOfLeaf1000(altered, whole.head).catch((thrown: unknown) => thrown);
      if (!(error instanceof LedgerError) || error.code !== 'TILE_MISMATCH') expect.fail(`hash ${i} was accepted`);
      expect(error.place).toEqual({ path: 'tile/0/003', leaves: { first: 768, end: 1_024 } });
    }
  });

  it('is refused at the right edge for each of its bytes', async () => {
    for (let at = 0; at < 16 * 32; at++) {
      const altered = whole.ledger.alter('tile/0/039.p/16', (body) => flipped(body, at));
      expect(await codeOf(() => proofOfLeaf1000(altered, whole.head))).toBe('ROOT_MISMATCH');
    }
  });

  it('is refused when another tile stands in its place, when it is missing or cut off', async () => {
    const code = (change: (body: Buffer) => Buffer | undefined) =>
      codeOf(() => proofOfLeaf1000(whole.ledger.alter('tile/0/003', change), whole.head));
    expect(await code(() => whole.ledger.files.get('tile/0/004'))).toBe('TILE_MISMATCH');
    expect(await code(() => undefined)).toBe('TILE_MISSING');
    expect(await code((body) => body.subarray(1))).toBe('TILE_MALFORMED');
  });

  it('may be there the next time', async () => {
    const altered = whole.ledger.alter('tile/0/003', () => undefined);
    const tree = await TiledTree.open(altered, whole.head);
    expect(await codeOf(() => tree.inclusionProof(1_000))).toBe('TILE_MISSING');
    altered.files.set('tile/0/003', whole.ledger.files.get('tile/0/003')!);
    expect(await tree.inclusionProof(1_000)).toEqual(naive.path(1_000, 0, 10_000));
  });

  it('does not hide a reader that fails', async () => {
    const failing = { read: () => Promise.reject(new Error('connection reset')) };
    await expect(TiledTree.open(failing, whole.head)).rejects.toThrow('connection reset');
  });
});
