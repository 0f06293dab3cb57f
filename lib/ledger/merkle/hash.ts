import { hash as digest } from 'node:crypto';

/** Bytes in a hash: SHA-256. */
export const HASH_SIZE = 32;

/** The root of a tree without leaves: SHA-256 of nothing (RFC 6962, section 2.1). */
export const EMPTY_ROOT: Buffer = sha256(Buffer.alloc(0));

/** The hash of a leaf: SHA-256(0x00 ‖ entry). @see https://www.rfc-editor.org/rfc/rfc6962#section-2.1 */
export function hashLeaf(entry: Uint8Array): Buffer {
  const input = Buffer.allocUnsafe(1 + entry.length);
  input[0] = 0x00;
  input.set(entry, 1);
  return sha256(input);
}

/** The hash of an inner node: SHA-256(0x01 ‖ left ‖ right). Both are 32 bytes. */
export function hashChildren(left: Uint8Array, right: Uint8Array): Buffer {
  nodeInput.set(left, 1);
  nodeInput.set(right, 1 + HASH_SIZE);
  return sha256(nodeInput);
}

// One input for all inner nodes: hashing is synchronous, so nothing else can write to it meanwhile.
const nodeInput = Buffer.alloc(1 + 2 * HASH_SIZE);
nodeInput[0] = 0x01;

/**
 * The root over hashes that stand one behind the other in a buffer. Hashes of leaves give the Merkle Tree Hash of
 * RFC 6962; hashes of perfect subtrees of one height give the root over all of them.
 *
 * Pairs are hashed level by level and an odd one is carried up, which is the RFC's split at the largest power of two.
 *
 * @param hashes a multiple of 32 bytes; stays as it is
 * @returns `EMPTY_ROOT` if there are none
 */
export function rootOfHashes(hashes: Uint8Array): Buffer {
  let count = hashes.length / HASH_SIZE;
  if (count === 0) return EMPTY_ROOT;
  let row = Buffer.from(hashes.buffer, hashes.byteOffset, hashes.length);
  const above = Buffer.allocUnsafe(Math.ceil(count / 2) * HASH_SIZE);
  for (; count > 1; count = Math.ceil(count / 2), row = above) {
    const pairs = Math.floor(count / 2);
    for (let pair = 0; pair < pairs; pair++) hashPairInto(row, pair * 2 * HASH_SIZE, above, pair * HASH_SIZE);
    if (count % 2 === 1) row.copy(above, pairs * HASH_SIZE, (count - 1) * HASH_SIZE, count * HASH_SIZE);
  }
  // A copy: a root that is kept must not keep the whole row.
  return Buffer.from(row.subarray(0, HASH_SIZE));
}

/** Hashes the 64 bytes at `from` as two children, into `target` at `to`: the inner loop, without a buffer a node. */
export function hashPairInto(source: Buffer, from: number, target: Buffer, to: number): void {
  source.copy(nodeInput, 1, from, from + 2 * HASH_SIZE);
  target.write(digest('sha256', nodeInput, 'binary'), to, HASH_SIZE, 'binary');
}

/** SHA-256 in one call. A string of bytes is three times faster than the Buffer that Node would make. */
export function sha256(input: Uint8Array): Buffer {
  return Buffer.from(digest('sha256', input, 'binary'), 'binary');
}

/** Whether two hashes (or roots) are the same. They are public, so time may depend on them. */
export function sameHash(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === HASH_SIZE && Buffer.compare(a, b) === 0;
}
