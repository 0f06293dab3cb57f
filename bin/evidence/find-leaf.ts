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
 * @param keys of the objects
 * @throws LedgerError as `TiledTree.entry`
 */
export async function findLeaves(
  { ledger, walks }: Pick<EvidenceSource, 'ledger' | 'walks'>,
  tree: TiledTree,
  keys: readonly string[],
): Promise<FoundLeaf[]> {
  const indexed = await lookUp(ledger, tree, new Set(keys));
  return indexed.length > 0 || !walks ? indexed : walk(ledger, tree, new Set(keys));
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
