import { canonicalize } from '../../event/canonical';
import type { TreeHead } from '../merkle/proof';
import { SealError } from './error';

/** Where the sealer's state lies. It is the one file that decides: whoever replaces it has appended. */
export const HEAD_PATH = 'head';

/** How far the log goes. Ahead of the checkpoint while a batch is being published. */
export interface SealHead extends TreeHead {
  /** The number of leaves before the last batch, whose leaves are staged in `stagingPath`. */
  readonly from: number;
}

/** `{"from":10,"root":"<hex>","size":15,"v":1}` */
export function encodeHead({ size, root, from }: SealHead): Buffer {
  return Buffer.from(canonicalize({ v: 1, size, root: Buffer.from(root).toString('hex'), from }));
}

/** @throws SealError HEAD_MALFORMED */
export function decodeHead(bytes: Uint8Array): SealHead {
  const head = parse(Buffer.from(bytes).toString());
  if (head !== undefined && encodeHead(head).equals(bytes) && 0 <= head.from && head.from < head.size) return head;
  throw new SealError('HEAD_MALFORMED', `${HEAD_PATH} is not what a sealer writes`);
}

function parse(text: string): SealHead | undefined {
  try {
    const { size, root, from } = JSON.parse(text) as { size: number; root: string; from: number };
    const isHead = Number.isSafeInteger(size) && Number.isSafeInteger(from) && /^[0-9a-f]{64}$/.test(root);
    return isHead ? { size, root: Buffer.from(root, 'hex'), from } : undefined;
  } catch {
    return undefined;
  }
}

/**
 * Where the leaves of a batch wait until they are published. The root stands for all of them; `from` too, since the same
 * tree can be reached in other steps: whose batch lost against a part of itself stages the rest under the same root.
 */
export function stagingPath({ size, root, from }: SealHead): string {
  return `staging/${from}/${size}-${Buffer.from(root).toString('hex')}`;
}
