import {
  CHECKPOINT_PATH,
  LedgerError,
  openCheckpoint,
  parseCheckpoint,
  parseNote,
  type Checkpoint,
  type NoteVerifier,
} from '../../../lib/ledger';
import { LEDGER_PREFIX } from '../../../lib/event/keys';
import { noted, type Finding } from '../finding';
import type { LedgerFindingCode } from '../codes';

/** A checkpoint that was read, and what is wrong with it. */
export interface ReadCheckpoint {
  /** Undefined if it cannot be read at all. Where its signature is wrong it is read all the same: more may be found. */
  readonly checkpoint: Checkpoint | undefined;
  readonly finding: Finding | undefined;
}

/** Reads a checkpoint and checks its signature. */
export function readCheckpoint(bytes: Uint8Array, key: NoteVerifier, path: string = CHECKPOINT_PATH): ReadCheckpoint {
  try {
    return { checkpoint: openCheckpoint(bytes, [key], key.name), finding: undefined };
  } catch (error) {
    return { checkpoint: unsigned(bytes), finding: ledgerFinding(error, LEDGER_PREFIX + path) };
  }
}

function unsigned(bytes: Uint8Array): Checkpoint | undefined {
  try {
    return parseCheckpoint(parseNote(bytes).text);
  } catch {
    return undefined;
  }
}

/** What the ledger's library found becomes a finding; any other error is thrown again: it says nothing of the ledger. */
export function ledgerFinding(error: unknown, object?: string): Finding {
  if (!(error instanceof LedgerError)) throw error;
  const path = error.place === undefined ? undefined : LEDGER_PREFIX + error.place.path;
  const leaves =
    error.place === undefined ? '' : ` (leaves ${error.place.leaves.first} to ${error.place.leaves.end - 1})`;
  return noted(error.code as LedgerFindingCode, error.message + leaves, path ?? object ?? null);
}
