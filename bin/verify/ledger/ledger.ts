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

export interface LedgerCheck extends Omit<TreeCheck, 'key'> {
  /** Undefined if there is none beside the trail and none was given. */
  readonly key: NoteVerifier | undefined;
  readonly saved?: SavedNote;
  /** Whether it is a finding that there is no earlier checkpoint. @default a notice */
  readonly needsEarlier?: boolean;
}

/** Checks the ledger and every object by it. */
export async function verifyLedger(check: LedgerCheck): Promise<LedgerVerification> {
  const { store, key, report, saved } = check;
  // Read before the checkpoint: what is stored of it is never ahead of it then.
  const history = key === undefined ? undefined : await checkpointHistory(store, key);
  const note = await store.ledger.read(CHECKPOINT_PATH);
  const skipped = (why: string) => ({ ...noTree(why), checkpoint: undefined });

  if (key === undefined) {
    if (note !== undefined) {
      throw new QueryError('there is no key beside the trail: give the one that signs its ledger with --key');
    }
    if (saved === undefined) report.notice(noted('NO_LEDGER', store.location));
    else report.find(noted('CHECKPOINT_MISSING', `the checkpoint in ${saved.file} is there`, CHECKPOINT_FILE));
    return skipped('objects against the ledger: the trail has none');
  }
  const older = { stored: history!.checkpoints, saved: savedCheckpoint(check, key) };
  if (note === undefined) {
    report.find(...history!.findings);
    const last = older.saved ?? older.stored.at(-1);
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
  return { ...(await checkTree({ ...check, key }, checkpoint, older)), checkpoint: note };
}

const CHECKPOINT_FILE = LEDGER_PREFIX + CHECKPOINT_PATH;

const NONE: OlderCheckpoints = { stored: [], saved: undefined };

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
