import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { TreeHasher, hashLeaf, inclusionProof, verifyConsistency, verifyInclusion } from '../../../lib/ledger';
import { NaiveTree, codeOf, entriesOf } from '../support';

const entries = entriesOf(10_000);
const naive = new NaiveTree(entries);

describe('a tree, against RFC 6962 word for word', () => {
  it('has the root of each size up to 10,000', () => {
    const tree = new TreeHasher();
    for (let size = 1; size <= entries.length; size++) {
      tree.append(entries[size - 1]!);
      // Every root of the small trees, then one in 97.
      if ((size < 600 || size % 97 === 0) && !tree.root().equals(naive.root(size)))
        expect.fail(`another root at ${size}`);
    }
    expect(tree.size).toBe(entries.length);
    expect(tree.root()).toEqual(naive.root(entries.length));
  });

  it('gives inclusion proofs that are the same, and verify', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 2_000 }), fc.nat(), (size, n) => {
        const index = n % size;
        const hashes = entries.slice(0, size).map(hashLeaf);
        const proof = inclusionProof(hashes, index);
        expect(proof).toEqual(naive.path(index, 0, size));
        verifyInclusion(hashes[index]!, index, { size, root: naive.root(size) }, proof);
      }),
      { numRuns: 40 },
    );
  });

  it('verifies every proof of the small trees, and no leaf at another place', async () => {
    const codes = new Set<string>();
    for (let size = 1; size <= 20; size++) {
      const head = { size, root: naive.root(size) };
      for (let index = 0; index < size; index++) {
        const leaf = hashLeaf(entries[index]!);
        const proof = naive.path(index, 0, size);
        verifyInclusion(leaf, index, head, proof);
        for (let other = 0; other < size; other++) {
          if (other !== index) codes.add(await codeOf(() => verifyInclusion(leaf, other, head, proof)));
        }
      }
    }
    // Malformed: the other leaf's proof has another length.
    expect([...codes].sort()).toEqual(['PROOF_INVALID', 'PROOF_MALFORMED']);
  });

  it('verifies consistency between any two sizes, and refuses it to a tree with one other leaf', async () => {
    const forked = new NaiveTree(entries.map((entry, i) => (i === 0 ? Buffer.from('another') : entry)));
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 10_000 }), fc.nat(), async (size, n) => {
        const older = { size: 1 + (n % size), root: naive.root(1 + (n % size)) };
        const newer = { size, root: naive.root(size) };
        verifyConsistency(older, newer, naive.proof(older.size, size));
        const fork = { size, root: forked.root(size) };
        const proof = forked.proof(older.size, size);
        expect(await codeOf(() => verifyConsistency(older, fork, proof))).toBe('PROOF_INVALID');
      }),
      { numRuns: 100 },
    );
  });
});
