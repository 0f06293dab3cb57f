/** One step of an inclusion proof. */
export interface Hop {
  /** In hex. */
  readonly sibling: string;
  /** Whether the sibling stands left of what is proven. */
  readonly isLeft: boolean;
}

/** Which siblings stand left and which right, which follows from the index alone. @see RFC 9162, 2.1.3.2 */
export function climb(index: number, size: number, proof: readonly Uint8Array[]): Hop[] {
  let [node, last] = [index, size - 1];
  return proof.map((hash) => {
    const isLeft = node % 2 === 1 || node === last;
    while (isLeft && node % 2 === 0 && node > 0) [node, last] = [Math.floor(node / 2), Math.floor(last / 2)];
    [node, last] = [Math.floor(node / 2), Math.floor(last / 2)];
    return { sibling: Buffer.from(hash).toString('hex'), isLeft };
  });
}
