import { LedgerError } from '../error';

/** Leaves `start` (included) to `end` (not included): a subtree of the tree. */
export interface LeafRange {
  readonly start: number;
  readonly end: number;
}

/**
 * The subtrees whose roots make up the inclusion proof of a leaf, from the leaf's sibling up (RFC 6962, 2.1.1:
 * `PATH(m, D[n])`).
 *
 * @throws LedgerError OUT_OF_RANGE
 */
export function inclusionRanges(index: number, size: number): LeafRange[] {
  requireSize(size);
  if (!Number.isSafeInteger(index) || index < 0 || index >= size) {
    throw new LedgerError('OUT_OF_RANGE', `leaf ${index} is not in a tree of ${size} leaves`);
  }
  const path: LeafRange[] = [];
  let [start, end] = [0, size];
  while (end - start > 1) {
    const middle = start + powerBelow(end - start);
    if (index < middle) {
      path.push({ start: middle, end });
      end = middle;
    } else {
      path.push({ start, end: middle });
      start = middle;
    }
  }
  return path.reverse();
}

/**
 * The subtrees whose roots make up the consistency proof between two sizes, the lowest first (RFC 6962, 2.1.2:
 * `PROOF(m, D[n])`). The first is the last perfect subtree of the older tree, unless that is the older tree itself.
 *
 * @throws LedgerError OUT_OF_RANGE unless 0 < older ≤ size
 */
export function consistencyRanges(older: number, size: number): LeafRange[] {
  requireSize(size);
  if (!Number.isSafeInteger(older) || older <= 0 || older > size) {
    throw new LedgerError('OUT_OF_RANGE', `no consistency proof from ${older} to ${size} leaves`);
  }
  const path: LeafRange[] = [];
  let [start, end] = [0, size];
  while (end !== older) {
    const middle = start + powerBelow(end - start);
    if (older <= middle) {
      path.push({ start: middle, end });
      end = middle;
    } else {
      path.push({ start, end: middle });
      start = middle;
    }
  }
  if (start > 0) path.push({ start, end });
  return path.reverse();
}

/** Splits a subtree into perfect ones, the largest first; hashed from right to left they give its root. */
export function perfectSubtrees({ start, end }: LeafRange): LeafRange[] {
  const subtrees: LeafRange[] = [];
  for (let at = start; at < end;) {
    let width = 1;
    while (at % (width * 2) === 0 && at + width * 2 <= end) width *= 2;
    subtrees.push({ start: at, end: at + width });
    at += width;
  }
  return subtrees;
}

/** @throws LedgerError OUT_OF_RANGE unless it is a number of leaves: an integer from 0 to 2^53−1. */
export function requireSize(size: number): void {
  if (!Number.isSafeInteger(size) || size < 0) throw new LedgerError('OUT_OF_RANGE', `${size} is no number of leaves`);
}

/** The largest power of two smaller than n. Sizes exceed 32 bits, so no bit operators. */
function powerBelow(n: number): number {
  let power = 1;
  while (power * 2 < n) power *= 2;
  return power;
}
