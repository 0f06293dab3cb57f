import { LEDGER_PREFIX } from '../../../lib/event/keys';
import {
  CHECKPOINT_PATH,
  type Checkpoint,
  type NoteVerifier,
  type TiledTree,
  type TreeHead,
} from '../../../lib/ledger';
import { noted, type Finding } from '../finding';
import type { TrailStore } from '../trail/trail-store';
import { ledgerFinding, readCheckpoint, type ReadCheckpoint } from './checkpoint';

/** An older state of the ledger that its newest one must continue. */
export interface OlderCheckpoint extends Checkpoint {
  /** For people: where it comes from. */
  readonly source: string;
}

/** Findings where the tree does not continue an older checkpoint. */
export async function continues(tree: TiledTree, older: OlderCheckpoint): Promise<Finding[]> {
  const object = LEDGER_PREFIX + CHECKPOINT_PATH;
  if (older.size > tree.size) {
    return [noted('ROLLED_BACK', `${older.source} has ${older.size} leaves, the ledger has ${tree.size}`, object)];
  }
  try {
    if (Buffer.compare(await tree.rootAt(older.size), older.root) === 0) return [];
  } catch (error) {
    return [ledgerFinding(error)];
  }
  return [noted('FORKED', `the first ${older.size} leaves are not those of ${older.source}`, object)];
}

/** A ledger that was rebuilt contradicts every checkpoint from there on: the first one tells where. */
export async function firstContradiction(tree: TiledTree, stored: readonly OlderCheckpoint[]): Promise<Finding[]> {
  for (const one of stored) {
    const findings = await continues(tree, one);
    if (findings.length > 0) return findings;
  }
  return [];
}

/** What is stored of the checkpoint's history, and what is wrong with it by itself. */
export interface History {
  /** Oldest first. */
  readonly checkpoints: readonly OlderCheckpoint[];
  readonly findings: readonly Finding[];
  /** Since when the one is stored with which reading stopped, epoch milliseconds; undefined if all were read. */
  readonly stoppedAt: number | undefined;
}

/**
 * Reads the stored versions of the checkpoint, from the newest back. Each must be signed, and none may be smaller than the one
 * before.
 *
 * @param until the one to stop with: those before it were read in an earlier run. Default: all are read
 */
export async function checkpointHistory(
  store: TrailStore,
  key: NoteVerifier,
  until?: OlderCheckpoint,
): Promise<History> {
  const read: ReadCheckpoint[] = [];
  let stoppedAt: number | undefined;
  for await (const { note, since } of store.checkpoints()) {
    const one = readCheckpoint(note, key);
    read.push(one);
    if (until === undefined || one.finding !== undefined || !isSameTree(one.checkpoint!, until)) continue;
    stoppedAt = since;
    break;
  }
  const after = stoppedAt === undefined ? '' : ` since ${until!.source}`;
  return { ...judged(read.reverse(), (number) => `stored version ${number} of the checkpoint${after}`), stoppedAt };
}

/** @param read oldest first */
function judged(read: readonly ReadCheckpoint[], sourceOf: (number: number) => string) {
  const checkpoints: OlderCheckpoint[] = [];
  const findings: Finding[] = [];
  for (const [i, { checkpoint, finding }] of read.entries()) {
    const source = sourceOf(i + 1);
    // With another key it is wrong of each version: the first one tells.
    if (finding !== undefined && !findings.some(({ code }) => code === finding.code)) {
      findings.push({ ...finding, detail: `${source}: ${finding.detail}` });
    }
    if (checkpoint === undefined) continue;
    const before = checkpoints.at(-1);
    if (before !== undefined && checkpoint.size < before.size) {
      const detail = `${source} has ${checkpoint.size} leaves, the one before it had ${before.size}`;
      findings.push(noted('ROLLED_BACK', detail, LEDGER_PREFIX + CHECKPOINT_PATH));
    }
    checkpoints.push({ ...checkpoint, source });
  }
  return { checkpoints, findings };
}

function isSameTree(a: TreeHead, b: TreeHead): boolean {
  return a.size === b.size && Buffer.compare(a.root, b.root) === 0;
}
