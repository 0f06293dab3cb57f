import { CHECKPOINT_PATH } from '../tiles/path';
import { SealError } from './error';
import { HEAD_PATH } from './head';
import type { SealStore } from './store';

/**
 * What every ledger with a leaf has. Not `staging/`: a sealer that died in its very first batch leaves leaves there before
 * there is a ledger.
 */
const FOUNDED = [HEAD_PATH, CHECKPOINT_PATH, 'tile/', 'index/'];

/**
 * Call it where there is neither `head` nor `checkpoint`: makes sure that there never was one.
 *
 * A second ledger in the same place would bear valid signatures and begin at leaf 0 again. `If-None-Match: *` does not
 * prevent it: S3 looks at the current version alone, and "if the current object version is a delete marker, the write
 * operation succeeds". So whoever may write delete markers could otherwise have it founded anew.
 *
 * @see https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes.html#conditional-error-response
 * @throws SealError LEDGER_GONE
 */
export async function checkNeverFounded(store: SealStore): Promise<void> {
  for (const path of FOUNDED) {
    if (!(await store.hasHistory(path))) continue;
    const message = `${HEAD_PATH} and ${CHECKPOINT_PATH} are gone, but there is or was something at ${path}: a second ledger is not begun`;
    throw new SealError('LEDGER_GONE', message);
  }
}

/** @throws SealError LEDGER_GONE if the ledger has fewer leaves than it is known to have had */
export function checkTreeSize(size: number, minTreeSize: number): void {
  if (size >= minTreeSize) return;
  throw new SealError(
    'LEDGER_GONE',
    `the ledger has ${size} leaves, and is known to have had ${minTreeSize}: it was removed or put back to an older state`,
  );
}
