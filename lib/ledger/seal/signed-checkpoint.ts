import { openCheckpoint, signCheckpoint } from '../checkpoint/checkpoint';
import type { NoteSigner } from '../checkpoint/key';
import { sameHash } from '../merkle/hash';
import type { TreeHead } from '../merkle/proof';
import { CHECKPOINT_PATH } from '../tiles/path';
import { SealError } from './error';
import { EMPTY_TREE, type Batch } from './staging';
import type { SealStore } from './store';

/** The checkpoint as it is now. */
export interface CurrentCheckpoint {
  /** What was signed; the empty tree while nothing was. */
  readonly tree: TreeHead;
  /** Undefined while there is none. */
  readonly etag: string | undefined;
}

/** Reads the checkpoint and checks our own signature on it. @throws LedgerError as `openCheckpoint` */
export async function readCheckpoint(store: SealStore, signer: NoteSigner): Promise<CurrentCheckpoint> {
  const file = await store.get(CHECKPOINT_PATH);
  if (file === undefined) return { tree: EMPTY_TREE, etag: undefined };
  return { tree: openCheckpoint(file.bytes, [signer.verifier], signer.verifier.name), etag: file.etag };
}

/** Another sealer can put the same checkpoint first; it can do so once. */
const TRIES = 3;

/**
 * Signs and publishes the checkpoint of a batch whose files all stand.
 *
 * An older checkpoint never replaces a newer one, however late a sealer wakes up: what is replaced is exactly what was
 * read, and what was read has fewer leaves. And nothing is signed that does not continue what was signed last: the
 * current checkpoint must be the tree that the batch was appended to, whose edge was proven against its root.
 *
 * @throws SealError FORKED
 */
export async function raiseCheckpoint(store: SealStore, signer: NoteSigner, { from, appended }: Batch): Promise<void> {
  let note: Buffer | undefined;
  for (let tries = 0; tries < TRIES; tries++) {
    const { tree, etag } = await readCheckpoint(store, signer);
    if (tree.size > appended.size || isSame(tree, appended)) return;
    if (!isSame(tree, from)) {
      throw new SealError('FORKED', `the checkpoint of ${tree.size} leaves is not the tree that head goes on from`);
    }
    note ??= await signCheckpoint({ origin: signer.verifier.name, ...treeOf(appended) }, [signer]);
    const put =
      etag === undefined
        ? await store.putIfAbsent(CHECKPOINT_PATH, note)
        : await store.putIfMatch(CHECKPOINT_PATH, note, etag);
    if (put) return;
  }
  throw new SealError('CONTENDED', `${CHECKPOINT_PATH} was replaced each time before we did`);
}

/** Whether two trees are the same one. */
export function isSame(a: TreeHead, b: TreeHead): boolean {
  return a.size === b.size && sameHash(a.root, b.root);
}

function treeOf({ size, root }: TreeHead): TreeHead {
  return { size, root };
}
