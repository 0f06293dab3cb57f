import { canonicalize } from '../../event/canonical';
import { EMPTY_ROOT } from '../merkle/hash';
import type { TreeHead } from '../merkle/proof';
import { appendEntries, type AppendedTree } from '../tiles/append';
import { EMPTY_EDGE, readLedgerEdge, type LedgerEdge } from '../tiles/edge';
import { SealError } from './error';
import { stagingPath, type SealHead } from './head';
import type { SealStore } from './store';

/** A batch that was or is to be appended: all that is needed to publish it. */
export interface Batch {
  /** The tree before. */
  readonly from: TreeHead;
  /** The leaves of its objects. */
  readonly entries: readonly Uint8Array[];
  /** The tree with them, and the files that it has more. */
  readonly appended: AppendedTree;
}

/** @param from the tree that `edge` is of */
export function batchOf(edge: LedgerEdge, from: TreeHead, entries: readonly Uint8Array[]): Batch {
  return { from, entries, appended: appendEntries(edge, entries) };
}

/** The edge of a published tree, checked against its root. */
export async function edgeOf(store: SealStore, head: TreeHead): Promise<LedgerEdge> {
  return head.size === 0 ? EMPTY_EDGE : readLedgerEdge({ read: async (path) => (await store.get(path))?.bytes }, head);
}

/**
 * What is staged: a line `{"from":{"root":"…","size":10},"v":1}`, then each leaf on a line. The tree's files are not in
 * it: the same edge and leaves give the same ones.
 */
export function encodeBatch({ from, entries }: Batch): Buffer {
  const header = canonicalize({ v: 1, from: { size: from.size, root: Buffer.from(from.root).toString('hex') } });
  const newline = Buffer.from('\n');
  return Buffer.concat([Buffer.from(header), newline, ...entries.flatMap((entry) => [entry, newline])]);
}

/**
 * Reads the batch that a head stages, and appends it again.
 *
 * @throws SealError STAGING_MISSING, STAGING_MISMATCH if it does not lead from a published tree to the head
 * @throws LedgerError as `readLedgerEdge`
 */
export async function readBatch(store: SealStore, head: SealHead): Promise<Batch> {
  const path = stagingPath(head);
  const file = await store.get(path);
  if (file === undefined) throw new SealError('STAGING_MISSING', `${path} is gone, though head stages it`);
  const [header, ...entries] = lines(file.bytes);
  const from = parseHeader(header?.toString());
  if (from === undefined || from.size !== head.from) {
    throw new SealError('STAGING_MISMATCH', `${path} is not what a sealer writes`);
  }
  const batch = batchOf(await edgeOf(store, from), from, entries);
  if (batch.appended.size !== head.size || !batch.appended.root.equals(head.root)) {
    throw new SealError('STAGING_MISMATCH', `the leaves in ${path} do not lead to the root in head`);
  }
  return batch;
}

/** The tree that every ledger begins with. */
export const EMPTY_TREE: TreeHead = { size: 0, root: EMPTY_ROOT };

function lines(bytes: Uint8Array): Buffer[] {
  const all = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  const found: Buffer[] = [];
  for (let start = 0, end; (end = all.indexOf(0x0a, start)) !== -1; start = end + 1) {
    found.push(all.subarray(start, end));
  }
  return found;
}

function parseHeader(line: string | undefined): TreeHead | undefined {
  try {
    const { v, from } = JSON.parse(line ?? '') as { v: number; from: { size: number; root: string } };
    const root = Buffer.from(from.root, 'hex');
    return v === 1 && Number.isSafeInteger(from.size) && root.length === 32 ? { size: from.size, root } : undefined;
  } catch {
    return undefined;
  }
}
