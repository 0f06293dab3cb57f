/**
 * What can be wrong with a ledger. Codes are stable: programs branch on them, messages may change.
 *
 * | code | means |
 * | --- | --- |
 * | `OUT_OF_RANGE` | an index or size lies outside the tree, or is no integer within 0 and 2^53−1 |
 * | `PROOF_MALFORMED` | a proof has not the form or the length that its tree asks for |
 * | `PROOF_INVALID` | a well-formed proof does not lead to the root |
 * | `PATH_MALFORMED` | a path is none of tlog-tiles |
 * | `TILE_MISSING`, `ENTRIES_MISSING` | the file is not there |
 * | `TILE_MALFORMED`, `ENTRIES_MALFORMED` | the file has the wrong length or inner form |
 * | `TILE_MISMATCH`, `ENTRIES_MISMATCH` | the file does not hash to what the tree above it holds |
 * | `ROOT_MISMATCH` | the tiles at the tree's right edge do not hash to the root |
 * | `ENTRY_TOO_LARGE` | an entry is longer than 65,535 bytes |
 * | `KEY_MALFORMED` | a vkey, or a key that is to become one, is not a well-formed Ed25519 key |
 * | `KEY_AMBIGUOUS` | two known keys have the same name and id |
 * | `SIGNER_MISMATCH` | a signer returned a signature that its own vkey does not verify |
 * | `NOTE_MALFORMED`, `CHECKPOINT_MALFORMED` | not a signed note; a note whose text is not a checkpoint |
 * | `SIGNATURE_INVALID` | a signature by a known key does not verify |
 * | `SIGNATURE_MISSING` | no known key signed |
 * | `ORIGIN_MISMATCH` | the checkpoint is of another log |
 * | `ROLLED_BACK` | the newer checkpoint has fewer leaves than the older one |
 * | `FORKED` | two checkpoints of one log contradict each other |
 * | `LEAF_MALFORMED` | an entry is not the canonical encoding of an object's leaf |
 * | `LEAF_VERSION_UNKNOWN` | a leaf was written by a later version of this library |
 */
export type LedgerErrorCode =
  | 'OUT_OF_RANGE'
  | 'PROOF_MALFORMED'
  | 'PROOF_INVALID'
  | 'PATH_MALFORMED'
  | 'TILE_MISSING'
  | 'TILE_MALFORMED'
  | 'TILE_MISMATCH'
  | 'ENTRIES_MISSING'
  | 'ENTRIES_MALFORMED'
  | 'ENTRIES_MISMATCH'
  | 'ENTRY_TOO_LARGE'
  | 'ROOT_MISMATCH'
  | 'KEY_MALFORMED'
  | 'KEY_AMBIGUOUS'
  | 'SIGNER_MISMATCH'
  | 'NOTE_MALFORMED'
  | 'CHECKPOINT_MALFORMED'
  | 'SIGNATURE_INVALID'
  | 'SIGNATURE_MISSING'
  | 'ORIGIN_MISMATCH'
  | 'ROLLED_BACK'
  | 'FORKED'
  | 'LEAF_MALFORMED'
  | 'LEAF_VERSION_UNKNOWN';

/** Where in the ledger something is wrong. */
export interface LedgerErrorPlace {
  /** The file, relative to the ledger's prefix, e.g. `tile/0/x001/x234/067`. */
  readonly path: string;
  /** The leaves that cannot be trusted because of it: `first` included, `end` not. */
  readonly leaves: { readonly first: number; readonly end: number };
}

/** Every error this library throws by itself; errors of a reader or a signer pass through unchanged. */
export class LedgerError extends Error {
  override readonly name = 'LedgerError';

  /** @param place where, if one file is to blame */
  constructor(
    readonly code: LedgerErrorCode,
    message: string,
    readonly place?: LedgerErrorPlace,
  ) {
    super(message);
  }
}
