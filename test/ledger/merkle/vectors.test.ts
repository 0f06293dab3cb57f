import { describe, expect, it } from 'vitest';
import {
  EMPTY_ROOT,
  TreeHasher,
  hashLeaf,
  inclusionProof,
  verifyConsistency,
  verifyInclusion,
} from '../../../lib/ledger';
import { codeOf, flipped } from '../support';
import argon from '../vectors/argon2020.json';
import rfc from '../vectors/rfc6962.json';

const leaves = rfc.leaves.map((leaf) => Buffer.from(leaf, 'hex'));
const head = (size: number) => ({ size, root: Buffer.from(rfc.roots[size - 1]!, 'hex') });

describe('the published vectors of RFC 6962', () => {
  it('hashes nothing, an empty leaf and a leaf', () => {
    expect(EMPTY_ROOT.toString('hex')).toBe(rfc.hashes.emptyRoot);
    expect(hashLeaf(Buffer.alloc(0)).toString('hex')).toBe(rfc.hashes['leaf of nothing']);
    expect(hashLeaf(Buffer.from('L123456')).toString('hex')).toBe(rfc.hashes['leaf of L123456']);
  });

  it('gives the roots of the trees of 0 to 8 leaves', () => {
    const tree = new TreeHasher();
    const roots = [tree.root().toString('hex')];
    for (const leaf of leaves) {
      tree.append(leaf);
      roots.push(tree.root().toString('hex'));
    }
    expect(roots).toEqual([rfc.hashes.emptyRoot, ...rfc.roots]);
  });

  it.each(rfc.inclusion)(
    'leaf $index of $size: makes the inclusion proof, and verifies it',
    ({ index, size, proof }) => {
      const hashes = leaves.slice(0, size).map(hashLeaf);
      expect(inclusionProof(hashes, index).map((hash) => hash.toString('hex'))).toEqual(proof);
      verifyInclusion(hashes[index]!, index, head(size), buffers(proof, 'hex'));
    },
  );

  it.each(rfc.consistency)('from $older to $newer leaves: verifies the consistency proof', (vector) => {
    verifyConsistency(head(vector.older), head(vector.newer), buffers(vector.proof, 'hex'));
  });
});

/** The corruptions of transparency-dev/merkle, proof/verify_test.go. */
describe('the published corruptions of them', () => {
  it.each(rfc.inclusion)('leaf $index of $size', async ({ index, size, proof: hex }) => {
    const proof = buffers(hex, 'hex');
    const leaf = hashLeaf(leaves[index]!);
    const root = head(size).root;
    const other = Buffer.from('abacaba000000000000000000000000000000000000000000060061e00123456', 'hex');
    const nothing = Buffer.alloc(0);
    const probes: [Buffer, number, number, Buffer, Buffer[]][] = [
      [leaf, index - 1, size, root, proof],
      [leaf, index + 1, size, root, proof],
      [leaf, index ^ 2, size, root, proof],
      [leaf, index, size * 2, root, proof],
      [leaf, index, Math.floor(size / 2), root, proof],
      [Buffer.from('WrongLeaf'), index, size, root, proof],
      [leaf, index, size, EMPTY_ROOT, proof],
      [leaf, index, size, other, proof],
      [leaf, index, size, root, [...proof, nothing]],
      [leaf, index, size, root, [...proof, root]],
      [leaf, index, size, root, [nothing, ...proof]],
      [leaf, index, size, root, [root, ...proof]],
      [leaf, index, size, root, proof.slice(0, -1)],
      [leaf, index, size, root, [proof[0]!, other, ...proof.slice(1)]],
      ...proof.map((_, i): [Buffer, number, number, Buffer, Buffer[]] => [leaf, index, size, root, withFlip(proof, i)]),
    ];
    for (const [hash, at, of, to, by] of probes) {
      const code = await codeOf(() => verifyInclusion(hash, at, { size: of, root: to }, by));
      expect(['OUT_OF_RANGE', 'PROOF_MALFORMED', 'PROOF_INVALID']).toContain(code);
    }
  });

  it.each(rfc.consistency.filter(({ proof }) => proof.length > 0))('from $older to $newer', async (vector) => {
    const { older, newer } = vector;
    const proof = buffers(vector.proof, 'hex');
    const [root1, root2] = [head(older).root, head(newer).root];
    const wrong = Buffer.from('WrongRoot');
    const nothing = Buffer.alloc(0);
    const probes: [number, number, Buffer, Buffer, Buffer[]][] = [
      [older - 1, newer, root1, root2, proof],
      [older + 1, newer, root1, root2, proof],
      [older ^ 2, newer, root1, root2, proof],
      [older, newer * 2, root1, root2, proof],
      [older, Math.floor(newer / 2), root1, root2, proof],
      [older, newer, wrong, root2, proof],
      [older, newer, root1, wrong, proof],
      [older, newer, root2, root1, proof],
      [older, newer, root1, root2, []],
      [older, newer, root1, root2, [...proof, nothing]],
      [older, newer, root1, root2, [...proof, root1]],
      [older, newer, root1, root2, [...proof, root2]],
      [older, newer, root1, root2, [nothing, ...proof]],
      [older, newer, root1, root2, [root1, ...proof]],
      [older, newer, root1, root2, [root2, ...proof]],
      [older, newer, root1, root2, [proof[0]!, ...proof]],
      [older, newer, root1, root2, proof.slice(0, -1)],
      ...proof.map((_, i): [number, number, Buffer, Buffer, Buffer[]] => [
        older,
        newer,
        root1,
        root2,
        withFlip(proof, i),
      ]),
    ];
    for (const [size1, size2, from, to, by] of probes) {
      const code = await codeOf(() => verifyConsistency({ size: size1, root: from }, { size: size2, root: to }, by));
      expect(['OUT_OF_RANGE', 'PROOF_MALFORMED', 'PROOF_INVALID']).toContain(code);
    }
  });

  it('knows the trees that need no proof, and those that have none', async () => {
    const [one, two, none] = [head(1), head(2), { size: 0, root: EMPTY_ROOT }];
    verifyConsistency(none, none, []);
    verifyConsistency(none, two, []);
    verifyConsistency(two, two, []);
    expect(await codeOf(() => verifyConsistency(one, none, []))).toBe('OUT_OF_RANGE');
    expect(await codeOf(() => verifyConsistency(two, one, []))).toBe('OUT_OF_RANGE');
    expect(await codeOf(() => verifyConsistency(one, two, []))).toBe('PROOF_MALFORMED');
    expect(await codeOf(() => verifyConsistency({ ...none, root: one.root }, two, []))).toBe('PROOF_INVALID');
    expect(await codeOf(() => verifyConsistency(none, two, [EMPTY_ROOT]))).toBe('PROOF_MALFORMED');
    expect(await codeOf(() => verifyConsistency(one, { ...one, root: two.root }, []))).toBe('PROOF_INVALID');
    expect(await codeOf(() => verifyConsistency(one, one, [one.root]))).toBe('PROOF_MALFORMED');
    expect(await codeOf(() => verifyInclusion(one.root, 0, none, []))).toBe('OUT_OF_RANGE');
    expect(await codeOf(() => verifyInclusion(one.root, 1, none, []))).toBe('OUT_OF_RANGE');
    expect(await codeOf(() => verifyInclusion(one.root, 0.5, one, []))).toBe('OUT_OF_RANGE');
    expect(await codeOf(() => verifyInclusion(one.root, 0, { ...one, size: 2 ** 53 }, []))).toBe('OUT_OF_RANGE');
  });
});

describe('a log of 962 million leaves that others built', () => {
  const newer = { size: argon.size, root: Buffer.from(argon.root, 'base64') };
  const older = { size: argon.older.size, root: Buffer.from(argon.older.root, 'base64') };
  const leaf = hashLeaf(Buffer.from(argon.entry, 'base64'));
  const [inclusion, consistency] = [buffers(argon.inclusion, 'base64'), buffers(argon.consistency, 'base64')];

  it('verifies its proofs', () => {
    verifyInclusion(leaf, argon.index, newer, inclusion);
    verifyConsistency(older, newer, consistency);
  });

  it('refuses each altered byte of them, of the leaf and of the roots', async () => {
    const codes = new Set<string>();
    const refuses = async (call: () => void) => codes.add(await codeOf(call));
    for (let at = 0; at < 32; at++) {
      for (let i = 0; i < inclusion.length; i++) {
        await refuses(() => verifyInclusion(leaf, argon.index, newer, withFlip(inclusion, i, at)));
        await refuses(() => verifyConsistency(older, newer, withFlip(consistency, i, at)));
      }
      const changed = { ...newer, root: flipped(newer.root, at) };
      const past = { ...older, root: flipped(older.root, at) };
      await refuses(() => verifyInclusion(flipped(leaf, at), argon.index, newer, inclusion));
      await refuses(() => verifyInclusion(leaf, argon.index, changed, inclusion));
      await refuses(() => verifyConsistency(older, changed, consistency));
      await refuses(() => verifyConsistency(past, newer, consistency));
    }
    expect([...codes]).toEqual(['PROOF_INVALID']);
  });
});

function buffers(texts: readonly string[], encoding: 'hex' | 'base64'): Buffer[] {
  return texts.map((text) => Buffer.from(text, encoding));
}

function withFlip(proof: readonly Buffer[], i: number, at = 0): Buffer[] {
  return proof.map((hash, j) => (i === j ? flipped(hash, at) : hash));
}
