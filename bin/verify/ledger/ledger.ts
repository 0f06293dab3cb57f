import { LEDGER_PREFIX } from '../../../lib/event/keys';
import { CHECKPOINT_PATH, EMPTY_ROOT, TiledTree, type Checkpoint, type NoteVerifier } from '../../../lib/ledger';
import { QueryError } from '../../query/queries';
import { noted, type Finding } from '../finding';
import { listVersions } from '../objects/listing';
import type { Progress } from '../progress';
import type { Report } from '../report';
import type { TrailStore } from '../trail/trail-store';
import { checkpointHistory, continues, type OlderCheckpoint } from './append-only';
import { ledgerFinding, readCheckpoint } from './checkpoint';
import { checkLeaves } from './leaves';
import { Retention } from './retention';
import { checkStrays } from './strays';

export interface LedgerTotals {
  /** Leaves of the ledger; null if there is none that could be read. */
  readonly leaves: number | null;
  /** Objects whose bytes were hashed and compared with their leaf. */
  readonly hashed_objects: number;
  readonly hashed_bytes: number;
  /** Objects that are too young to be in the ledger. */
  readonly unsealed_objects: number;
  /** Objects that were disposed of after their retention. */
  readonly expired_objects: number;
  /** Stored versions of the checkpoint that the ledger was checked against. */
  readonly checkpoints: number;
}

export interface LedgerVerification {
  readonly totals: LedgerTotals;
  readonly notChecked: readonly string[];
  readonly checkpoint: Uint8Array | undefined;
}

export interface LedgerCheck {
  readonly store: TrailStore;
  readonly key: NoteVerifier | undefined;
  readonly saved?: SavedNote;
  readonly from?: SavedNote;
  readonly sealLagMs: number;
  readonly retentionMs?: number;
  readonly now: number;
  readonly progress: Progress;
  readonly report: Report;
}

interface SavedNote {
  readonly note: Uint8Array;
  readonly file: string;
}

const NOTHING: LedgerTotals = {
  leaves: null,
  hashed_objects: 0,
  hashed_bytes: 0,
  unsealed_objects: 0,
  expired_objects: 0,
  checkpoints: 0,
};

/** Checks the ledger and every object by it. */
export async function verifyLedger(check: LedgerCheck): Promise<LedgerVerification> {
  const { store, key, report, saved } = check;
  // Read before the checkpoint: what is stored of it is never ahead of it then.
  const history = key === undefined ? undefined : await checkpointHistory(store, key);
  const note = await store.ledger.read(CHECKPOINT_PATH);
  const skipped = (why: string) => ({ totals: NOTHING, notChecked: [why], checkpoint: undefined });

  if (key === undefined) {
    if (note !== undefined) {
      throw new QueryError('there is no key beside the trail: give the one that signs its ledger with --key');
    }
    if (saved === undefined) report.notice(noted('NO_LEDGER', store.location));
    else report.find(noted('CHECKPOINT_MISSING', `the checkpoint in ${saved.file} is there`, CHECKPOINT_FILE));
    return skipped('objects against the ledger: the trail has none');
  }
  report.find(...history!.findings);
  const older = { stored: history!.checkpoints, saved: savedCheckpoint(check, key) };
  if (note === undefined) {
    const last = older.saved ?? older.stored.at(-1);
    if (last !== undefined) report.find(noted('CHECKPOINT_MISSING', `${last.source} is there`, CHECKPOINT_FILE));
    return { ...(await checkTree(check, { ...EMPTY, origin: key.name }, NONE)), checkpoint: undefined };
  }
  const { checkpoint, finding } = readCheckpoint(note, key);
  if (finding !== undefined) report.find(finding);
  if (checkpoint === undefined) return skipped('objects against the ledger: its checkpoint cannot be read');
  return { ...(await checkTree(check, checkpoint, older)), checkpoint: note };
}

const CHECKPOINT_FILE = LEDGER_PREFIX + CHECKPOINT_PATH;

/** Before the first batch is sealed. */
const EMPTY = { size: 0, root: EMPTY_ROOT };

/** What the ledger must continue. */
interface Older {
  readonly stored: readonly OlderCheckpoint[];
  readonly saved: OlderCheckpoint | undefined;
}

const NONE: Older = { stored: [], saved: undefined };

function savedCheckpoint({ saved, report }: LedgerCheck, key: NoteVerifier): OlderCheckpoint | undefined {
  if (saved === undefined) {
    report.notice(noted('NO_EARLIER_CHECKPOINT', 'append-only was not checked'));
    return undefined;
  }
  const source = `the checkpoint in ${saved.file}`;
  const { checkpoint, finding } = readCheckpoint(saved.note, key);
  if (checkpoint === undefined) throw new QueryError(`${saved.file} is no checkpoint`);
  if (finding !== undefined) report.find(noted('KEY_CHANGED', `${source}: ${finding.detail}`, saved.file));
  return { ...checkpoint, source };
}

async function checkTree(check: LedgerCheck, checkpoint: Checkpoint, older: Older) {
  const { store, report, progress, now } = check;
  const tree = await TiledTree.open(store.ledger, checkpoint).catch((error: unknown) => {
    report.find(ledgerFinding(error));
    return undefined;
  });
  if (tree === undefined) return { totals: NOTHING, notChecked: ['objects against the ledger: its tiles are damaged'] };
  report.find(...(await firstContradiction(tree, older.stored)));
  if (older.saved !== undefined) report.find(...(await continues(tree, older.saved)));
  const from = await startOf(check, tree);

  progress.phase('objects', checkpoint.size);
  const retention = new Retention(check.retentionMs ?? (await store.retention()), now);
  const listing = await listVersions(store);
  const leaves = await checkLeaves({
    store,
    listing,
    tree: checkpoint,
    from,
    report,
    retention,
    progress: (done) => progress.at(done),
  });
  const unsealed = checkStrays(listing, now - check.sealLagMs, report);
  if (unsealed > 0) report.notice(noted('NOT_SEALED_YET', `objects: ${unsealed}`));
  if (leaves.expired > 0) report.notice(noted('EXPIRED_AS_PROMISED', `objects: ${leaves.expired}`));
  return {
    totals: {
      leaves: checkpoint.size,
      hashed_objects: leaves.hashed,
      hashed_bytes: leaves.hashedBytes,
      unsealed_objects: unsealed,
      expired_objects: leaves.expired,
      checkpoints: older.stored.length + (older.saved === undefined ? 0 : 1),
    },
    notChecked: from > 0 ? [`the bytes of the first ${from} leaves' objects: hashed by the run that ${check.from!.file} is of`] : [], // prettier-ignore
  };
}

/** A ledger that was rebuilt contradicts every checkpoint from there on: the first one tells where. */
async function firstContradiction(tree: TiledTree, stored: readonly OlderCheckpoint[]): Promise<Finding[]> {
  for (const one of stored) {
    const findings = await continues(tree, one);
    if (findings.length > 0) return findings;
  }
  return [];
}

/** The leaf whose object is the first to be hashed. */
async function startOf({ from, key, report }: LedgerCheck, tree: TiledTree): Promise<number> {
  if (from === undefined) return 0;
  const { checkpoint, finding } = readCheckpoint(from.note, key!);
  if (checkpoint === undefined) throw new QueryError(`${from.file} is no checkpoint`);
  if (finding !== undefined) throw new QueryError(`${from.file} is no checkpoint of this ledger: ${finding.detail}`);
  const findings = await continues(tree, { ...checkpoint, source: `the checkpoint in ${from.file}` });
  report.find(...findings);
  return findings.length > 0 ? 0 : checkpoint.size;
}
