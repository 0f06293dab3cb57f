import { LedgerError } from '../error';

/**
 * Why the sealer stops. Codes are stable: programs branch on them, messages may change.
 *
 * | code | means | what to do |
 * | --- | --- | --- |
 * | `UNEQUAL_BYTES` | a file that is written once is there with other bytes | somebody else writes under `ledger/`: find out who; the versions of the file tell |
 * | `HEAD_MALFORMED` | `head` is not what a sealer writes | as above |
 * | `HEAD_ROLLED_BACK` | `head` knows fewer leaves than the signed checkpoint, or is gone | somebody put an older `head` back: put the newest version there again |
 * | `LEDGER_GONE` | `head` and `checkpoint` are both absent, but the ledger has other files, older versions or delete markers; or it has fewer leaves than it is known to have had (`minTreeSize`, `keys/ledger.size`) | somebody removed or hid the ledger: remove the delete markers, or restore the newest versions; never start a new ledger in the same bucket or folder |
 * | `FORKED` | the signed checkpoint is not the tree that `head` goes on from | compare the versions of both; nothing is signed until they agree |
 * | `STAGING_MISSING`, `STAGING_MISMATCH` | what `head` staged is gone, or does not lead to its root | as above |
 * | `INDEX_MALFORMED` | a file under `index/` is not what a sealer writes | as above |
 * | `CONTENDED` | other sealers were faster, each time | nothing: it is tried again |
 */
export type SealErrorCode =
  | 'UNEQUAL_BYTES'
  | 'HEAD_MALFORMED'
  | 'HEAD_ROLLED_BACK'
  | 'LEDGER_GONE'
  | 'FORKED'
  | 'STAGING_MISSING'
  | 'STAGING_MISMATCH'
  | 'INDEX_MALFORMED'
  | 'CONTENDED';

/** The sealer stops: going on could sign what is not so. */
export class SealError extends Error {
  override readonly name = 'SealError';

  constructor(
    readonly code: SealErrorCode,
    message: string,
  ) {
    super(message);
  }
}

/** Whether an error says that the ledger is not as it must be, so that trying again helps nothing. */
export function isFinal(error: unknown): boolean {
  if (error instanceof SealError) return error.code !== 'CONTENDED';
  return error instanceof LedgerError;
}
