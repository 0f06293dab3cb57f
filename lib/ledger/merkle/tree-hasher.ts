import { EMPTY_ROOT, HASH_SIZE, hashChildren, hashLeaf, hashPairInto } from './hash';

/**
 * Takes leaves one by one and knows the root at any time. Holds only the roots of the perfect subtrees so far (at most
 * 53 hashes), however many leaves there are.
 */
export class TreeHasher {
  private leaves = 0;
  /** Roots of the perfect subtrees, the largest first: one for each 1 in the binary form of `leaves`. */
  private readonly stack = Buffer.alloc(54 * HASH_SIZE);
  private depth = 0;

  /** Number of leaves so far. */
  get size(): number {
    return this.leaves;
  }

  /** Adds a leaf by its entry. */
  append(entry: Uint8Array): void {
    this.appendHash(hashLeaf(entry));
  }

  /** Adds a leaf by its hash (32 bytes). */
  appendHash(leafHash: Uint8Array): void {
    this.stack.set(leafHash, this.depth * HASH_SIZE);
    this.depth += 1;
    // Two subtrees of the same height become one, as a binary counter carries.
    for (let n = this.leaves; n % 2 === 1; n = (n - 1) / 2) {
      const left = (this.depth - 2) * HASH_SIZE;
      hashPairInto(this.stack, left, this.stack, left);
      this.depth -= 1;
    }
    this.leaves += 1;
  }

  /** The Merkle Tree Hash (RFC 6962) over the leaves so far. More may follow. */
  root(): Buffer {
    if (this.depth === 0) return EMPTY_ROOT;
    let root: Buffer = Buffer.from(this.at(this.depth - 1));
    for (let i = this.depth - 2; i >= 0; i--) root = hashChildren(this.at(i), root);
    return root;
  }

  private at(i: number): Buffer {
    return this.stack.subarray(i * HASH_SIZE, (i + 1) * HASH_SIZE);
  }
}
