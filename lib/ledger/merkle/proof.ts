import { LedgerError } from '../error';
import { EMPTY_ROOT, HASH_SIZE, hashChildren, rootOfHashes, sameHash } from './hash';
import { consistencyRanges, inclusionRanges, requireSize } from './ranges';

/** The root and number of leaves of a tree. */
export interface TreeHead {
  readonly size: number;
  /** 32 bytes. */
  readonly root: Uint8Array;
}

/**
 * Computes the inclusion proof of a leaf in a tree that is in memory.
 *
 * @param leafHashes the hashes of all leaves, in order
 * @throws LedgerError OUT_OF_RANGE
 */
export function inclusionProof(leafHashes: readonly Uint8Array[], index: number): Buffer[] {
  const packed = Buffer.concat(leafHashes);
  return inclusionRanges(index, leafHashes.length).map(({ start, end }) =>
    rootOfHashes(packed.subarray(start * HASH_SIZE, end * HASH_SIZE)),
  );
}

/**
 * Checks that a leaf is in a tree.
 *
 * @param leafHash from `hashLeaf`
 * @param proof from the leaf's sibling up, as in RFC 6962, section 2.1.1
 * @throws LedgerError PROOF_INVALID, PROOF_MALFORMED, OUT_OF_RANGE
 */
export function verifyInclusion(
  leafHash: Uint8Array,
  index: number,
  head: TreeHead,
  proof: readonly Uint8Array[],
): void {
  const ranges = inclusionRanges(index, head.size);
  requireHashes([leafHash, head.root, ...proof]);
  requireLength(proof, ranges.length);
  let hash = leafHash;
  ranges.forEach((range, i) => {
    hash = range.start > index ? hashChildren(hash, proof[i]!) : hashChildren(proof[i]!, hash);
  });
  if (!sameHash(hash, head.root)) {
    throw new LedgerError('PROOF_INVALID', `leaf ${index} is not in the tree of ${head.size} leaves`);
  }
}

/**
 * Checks that the newer tree begins with all leaves of the older one, in order.
 *
 * @param proof as in RFC 6962, section 2.1.2; empty if the sizes are equal or the older tree has no leaves
 * @throws LedgerError PROOF_INVALID, PROOF_MALFORMED, OUT_OF_RANGE
 */
export function verifyConsistency(older: TreeHead, newer: TreeHead, proof: readonly Uint8Array[]): void {
  requireSize(older.size);
  requireHashes([older.root, newer.root, ...proof]);
  const ranges = older.size === 0 ? [] : consistencyRanges(older.size, newer.size);
  requireLength(proof, ranges.length);
  if (older.size === 0) {
    requireSame(older.root, EMPTY_ROOT, older, newer);
    return;
  }
  // The proof starts at the last perfect subtree of the older tree; that is the whole of it when nothing lies left.
  const seeded = ranges.length > 0 && ranges[0]!.end === older.size;
  let [olderRoot, newerRoot] = seeded ? [proof[0]!, proof[0]!] : [older.root, older.root];
  for (let i = seeded ? 1 : 0; i < ranges.length; i++) {
    const hash = proof[i]!;
    if (ranges[i]!.start >= older.size) {
      newerRoot = hashChildren(newerRoot, hash);
    } else {
      newerRoot = hashChildren(hash, newerRoot);
      olderRoot = hashChildren(hash, olderRoot);
    }
  }
  requireSame(olderRoot, older.root, older, newer);
  requireSame(newerRoot, newer.root, older, newer);
}

function requireSame(got: Uint8Array, expected: Uint8Array, older: TreeHead, newer: TreeHead): void {
  if (sameHash(got, expected)) return;
  throw new LedgerError(
    'PROOF_INVALID',
    `the tree of ${newer.size} leaves does not begin with the tree of ${older.size} leaves`,
  );
}

function requireLength(proof: readonly Uint8Array[], length: number): void {
  if (proof.length === length) return;
  throw new LedgerError('PROOF_MALFORMED', `the proof has ${proof.length} hashes, this tree asks for ${length}`);
}

function requireHashes(hashes: readonly Uint8Array[]): void {
  if (hashes.every(({ length }) => length === HASH_SIZE)) return;
  throw new LedgerError('PROOF_MALFORMED', `hashes are ${HASH_SIZE} bytes long`);
}
