import { LEDGER_PREFIX } from '../../../lib/event/keys';
import { CHECKPOINT_PATH, type NoteVerifier } from '../../../lib/ledger';
import { QueryError } from '../../query/queries';
import { noted } from '../finding';
import { checkpointHistory, type OlderCheckpoint } from './append-only';
import { readCheckpoint } from './checkpoint';
import {
  checkTree,
  EMPTY_TREE,
  noTree,
  type CheckedTree,
  type OlderCheckpoints,
  type SavedNote,
  type TreeCheck,
} from './tree';

export interface LedgerVerification extends CheckedTree {
  /** The signed checkpoint that was checked; undefined if there is none. */
  readonly checkpoint: Uint8Array | undefined;
}

export interface LedgerCheck extends Omit<TreeCheck, 'key' | 'start'> {
  /** Undefined if there is none beside the trail and none was given. */
  readonly key: NoteVerifier | undefined;
  readonly saved?: SavedNote;
  /** A checkpoint of an earlier run: only what is newer is read. @default everything is read */
  readonly from?: SavedNote;
  /** Whether it is a finding that there is no earlier checkpoint. @default a notice */
  readonly needsEarlier?: boolean;
}

/** Checks the ledger and every object by it. */
export async function verifyLedger(check: LedgerCheck): Promise<LedgerVerification> {
  const { store, key, report, saved, from } = check;
  const fromCheckpoint = key && from && checkpointToStartFrom(from, key);
  // Read before the checkpoint: what is stored of it is never ahead of it then.
  const history = key === undefined ? undefined : await checkpointHistory(store, key, fromCheckpoint);
  const note = await store.ledger.read(CHECKPOINT_PATH);
  const skipped = (why: string) => ({ ...noTree(why), checkpoint: undefined });

  if (key === undefined) {
    if (note !== undefined) {
      throw new QueryError('there is no key beside the trail: give the one that signs its ledger with --key');
    }
    const last = saved ?? from;
    if (last === undefined) report.notice(noted('NO_LEDGER', store.location));
    else report.find(noted('CHECKPOINT_MISSING', `the checkpoint in ${last.file} is there`, CHECKPOINT_FILE));
    return skipped('objects against the ledger: the trail has none');
  }
  const older = { stored: history!.checkpoints, saved: savedCheckpoint(check, key) };
  if (note === undefined) {
    report.find(...history!.findings);
    const last = older.saved ?? older.stored.at(-1) ?? fromCheckpoint;
    if (last !== undefined) report.find(noted('CHECKPOINT_MISSING', `${last.source} is there`, CHECKPOINT_FILE));
    return {
      ...(await checkTree({ ...check, key }, { ...EMPTY_TREE, origin: key.name }, NONE)),
      checkpoint: undefined,
    };
  }
  const { checkpoint, finding } = readCheckpoint(note, key);
  if (finding !== undefined) report.find(finding);
  report.find(...history!.findings.filter(({ code }) => code !== finding?.code));
  if (checkpoint === undefined) return skipped('objects against the ledger: its checkpoint cannot be read');
  const start = fromCheckpoint && { checkpoint: fromCheckpoint, storedAt: history!.stoppedAt };
  const checked = await checkTree({ ...check, key, ...(start && { start }) }, checkpoint, older);
  return { ...checked, checkpoint: note };
}

const CHECKPOINT_FILE = LEDGER_PREFIX + CHECKPOINT_PATH;

const NONE: OlderCheckpoints = { stored: [], saved: undefined };

/** @throws QueryError if it is not one that this ledger's key signed: nothing follows from it then */
function checkpointToStartFrom({ note, file }: SavedNote, key: NoteVerifier): OlderCheckpoint {
  const { checkpoint, finding } = readCheckpoint(note, key);
  if (checkpoint === undefined) throw new QueryError(`${file} is no checkpoint`);
  if (finding !== undefined) throw new QueryError(`${file} is no checkpoint of this ledger: ${finding.detail}`);
  return { ...checkpoint, source: `the checkpoint in ${file}` };
}

function savedCheckpoint(check: LedgerCheck, key: NoteVerifier): OlderCheckpoint | undefined {
  const { saved, from, needsEarlier = false, report } = check;
  if (saved === undefined) {
    const detail = 'append-only was not checked';
    if (from !== undefined) return undefined; // It is one.
    if (needsEarlier) report.find(noted('NO_CHECKPOINT', detail));
    else report.notice(noted('NO_EARLIER_CHECKPOINT', detail));
    return undefined;
  }
  const source = `the checkpoint in ${saved.file}`;
  const { checkpoint, finding } = readCheckpoint(saved.note, key);
  if (checkpoint === undefined) throw new QueryError(`${saved.file} is no checkpoint`);
  if (finding !== undefined) report.find(noted('KEY_CHANGED', `${source}: ${finding.detail}`, saved.file));
  return { ...checkpoint, source };
}
