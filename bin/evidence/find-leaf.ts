import { decodeLeaf, verifyTiles, type ObjectLeaf, type TiledTree } from '../../lib/ledger';
import { SealError, decodeIndexFile, indexFolder } from '../../lib/ledger/seal';
import type { EvidenceSource, LedgerFiles } from './source';

/** A leaf of the ledger, proven to be there. */
export interface FoundLeaf {
  readonly index: number;
  readonly leaf: ObjectLeaf;
}

/**
 * Finds the leaves of objects: by the sealer's index where it has one of them, else, if the source walks, among all entries.
 * The index is signed by nobody, so it only says where to look.
 *
 * @param events keys of the objects that hold each of some events: one of an event's objects is enough
 * @returns leaves by the key of their object
 * @throws LedgerError as `TiledTree.entry`
 */
export async function findLeaves(
  { ledger, walks }: Pick<EvidenceSource, 'ledger' | 'walks'>,
  tree: TiledTree,
  events: readonly (readonly string[])[],
): Promise<Map<string, FoundLeaf[]>> {
  const found = new Map<string, FoundLeaf[]>();
  const add = (leaf: FoundLeaf) => found.set(leaf.leaf.key, [...(found.get(leaf.leaf.key) ?? []), leaf]);
  for (const leaf of await lookUp(ledger, tree, new Set(events.flat()))) add(leaf);
  const missing = events.filter((keys) => !keys.some((key) => found.has(key))).flat();
  if (walks && missing.length > 0) for (const leaf of await walk(ledger, tree, new Set(missing))) add(leaf);
  return found;
}

async function lookUp(ledger: LedgerFiles, tree: TiledTree, keys: ReadonlySet<string>): Promise<FoundLeaf[]> {
  const found: FoundLeaf[] = [];
  for (const folder of new Set([...keys].map(indexFolder))) {
    for (const file of await ledger.list(folder)) {
      for (const { key, leaf: index } of indexEntries(file, await ledger.read(file))) {
        // Behind the checkpoint: about to be signed.
        if (!keys.has(key) || index >= tree.size) continue;
        const leaf = decodeLeaf(await tree.entry(index));
        if (leaf.key === key) found.push({ index, leaf });
      }
    }
  }
  return found;
}

function indexEntries(file: string, bytes: Uint8Array = new Uint8Array()) {
  try {
    return decodeIndexFile(file, bytes);
  } catch (error) {
    if (error instanceof SealError) return []; // The walk needs no index.
    throw error;
  }
}

async function walk(ledger: LedgerFiles, tree: TiledTree, keys: ReadonlySet<string>): Promise<FoundLeaf[]> {
  const found: FoundLeaf[] = [];
  for await (const { first, entries } of verifyTiles(ledger, tree)) {
    entries.forEach((entry, i) => {
      const leaf = decodeLeaf(entry);
      if (keys.has(leaf.key)) found.push({ index: first + i, leaf });
    });
  }
  return found;
}
