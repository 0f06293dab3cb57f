import type { NoteSigner } from '../checkpoint/key';
import type { LedgerFile } from '../tiles/append';
import { each } from './each';
import { SealError } from './error';
import { patiently, type Timing } from './patience';
import { raiseCheckpoint } from './signed-checkpoint';
import type { Batch } from './staging';
import type { SealStore } from './store';

const FILES_AT_ONCE = 32;
const TRIES = 4;

/**
 * Publishes a batch that has won the swap of `head`: its entries and tiles, then the index, then the signed checkpoint.
 * Any number of sealers can do so at the same time, and again after a crash.
 *
 * @throws SealError UNEQUAL_BYTES, FORKED
 */
export async function publish(
  store: SealStore,
  signer: NoteSigner,
  timing: Timing,
  batch: Batch,
  index: readonly LedgerFile[],
): Promise<void> {
  for (const files of [batch.appended.files, index]) {
    await each(files, FILES_AT_ONCE, (file) => patiently(timing, TRIES, () => writeOnce(store, file)));
  }
  await raiseCheckpoint(store, signer, batch);
}

/** Writes a file that never changes. If it is there already with these bytes, that is done. @throws SealError UNEQUAL_BYTES */
export async function writeOnce(store: SealStore, { path, body }: LedgerFile): Promise<void> {
  if (await store.putIfAbsent(path, body)) return;
  const there = await store.get(path);
  if (there === undefined) throw new Error(`${path} was said to be there, and is not`);
  if (Buffer.compare(there.bytes, body) === 0) return;
  throw new SealError('UNEQUAL_BYTES', `${path} is there already with other bytes; it is never overwritten`);
}
