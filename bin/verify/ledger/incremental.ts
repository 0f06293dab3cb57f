import { LedgerError, TILE_WIDTH, verifyTiles, type TiledTree } from '../../../lib/ledger';
import { TRAIL_PREFIXES } from '../../../lib/event/keys';
import { hourOfKey, startOfHour, type Window } from '../events/window';
import { Days } from '../objects/days';
import { versionName, type ListedVersion, type Listing } from '../objects/listing';
import type { Report } from '../report';
import type { TrailStore } from '../trail/trail-store';
import type { OlderCheckpoint } from './append-only';
import { ledgerFinding } from './checkpoint';
import { compareWithListing, keyOfEntry, missing, readLeaf } from './leaf';
import type { Retention } from './retention';

/** Where an earlier run stopped. */
export interface Start {
  readonly checkpoint: OlderCheckpoint;
  /** Since when that checkpoint is stored, epoch milliseconds; undefined if it is not among those that are stored. */
  readonly storedAt: number | undefined;
}

/** Clocks of a bucket's machines may differ, and listings tell of whole seconds. */
const TOLERANCE_MS = 60_000;

/**
 * The days whose objects an incremental run lists: those that later leaves touch, and all since the earlier run, in which
 * there may be objects without a leaf. When that was, the last leaves before it tell: their hours are signed.
 *
 * @returns undefined if no leaf tells: then all are listed
 */
export async function daysToList({
  tree,
  store,
  start,
  now,
}: {
  readonly tree: TiledTree;
  readonly store: TrailStore;
  readonly start: Start;
  readonly now: number;
}): Promise<Days | undefined> {
  const { checkpoint, storedAt = Infinity } = start;
  const hours = (await lastEntries(tree, checkpoint.size))
    .map((entry) => hourOfKey(keyOfEntry(entry) ?? ''))
    .map((hour) => (hour === undefined ? NaN : startOfHour(hour)))
    .filter((time) => time <= now);
  if (hours.length === 0) return undefined;
  const days = new Days(Math.min(Math.max(...hours), storedAt));
  // What is wrong with a leaf is found when its object is checked.
  const options = { from: checkpoint.size, onFinding: () => undefined };
  for await (const { entries } of verifyTiles(store.ledger, tree, options)) {
    for (const entry of entries) days.touch(keyOfEntry(entry) ?? '');
  }
  return days;
}

async function lastEntries(tree: TiledTree, size: number): Promise<Buffer[]> {
  const index = Math.floor((size - 1) / TILE_WIDTH);
  try {
    return (await tree.entries(index)).slice(0, size - index * TILE_WIDTH);
  } catch (error) {
    if (error instanceof LedgerError) return []; // Told when they are looked for.
    throw error;
  }
}

export interface EarlierCheck {
  readonly tree: TiledTree;
  /** The first leaf of this run: those before it are earlier. */
  readonly from: number;
  /** The later leaves have been compared with it. */
  readonly listing: Listing;
  /** The days that were listed. */
  readonly days: Days | undefined;
  readonly window: Window;
  readonly retention: Retention;
  readonly report: Report;
  /** Epoch milliseconds. */
  readonly now: number;
  /** How old an object must be to have to be in the ledger, milliseconds. */
  readonly sealLagMs: number;
  /** Since when the checkpoint of the earlier run is stored, epoch milliseconds; undefined if no time is to be trusted. */
  readonly storedAt: number | undefined;
}

/**
 * Looks for the leaves of objects that were listed and have none among the later leaves: from the last earlier leaf back, and
 * no further than there is something to look for. An object without any leaf makes this a walk over all of them.
 */
export async function matchEarlier(
  check: EarlierCheck,
): Promise<{ readonly expired: number; readonly unknown: number }> {
  const { tree, from, report, retention, now } = check;
  const { wanted, young } = versionsWithoutLeaf(check);
  const totals = { expired: 0, unknown: 0 };
  for (let index = Math.floor((from - 1) / TILE_WIDTH); index >= 0; index -= 1) {
    const first = index * TILE_WIDTH;
    const count = Math.min(TILE_WIDTH, from - first);
    let matches = 0;
    for (const [i, entry] of (await entriesOf(tree, index, count, report)).entries()) {
      const leaf = entry && readLeaf(entry, first + i, report);
      if (leaf === undefined) totals.unknown += 1;
      else if (isListed(leaf.key, check.days)) {
        const there = compareWithListing(check, leaf, first + i);
        if (there === 'missing') missing(check, leaf, first + i, retention.wasOverAt(now, leaf.key), totals);
        else matches += 1;
        wanted.delete(versionName(leaf));
      }
    }
    const goesOn = matches > 0 && young.some(({ sealedAs }) => sealedAs === undefined);
    if (wanted.size === 0 && !goesOn) break;
  }
  return totals;
}

/** @returns undefined in place of each entry of a bundle that is damaged */
async function entriesOf(
  tree: TiledTree,
  index: number,
  count: number,
  report: Report,
): Promise<(Buffer | undefined)[]> {
  try {
    return (await tree.entries(index)).slice(0, count);
  } catch (error) {
    report.find(ledgerFinding(error));
    return Array.from({ length: count }, () => undefined);
  }
}

/** Marks what the earlier run has judged, and gives what is left: what must have a leaf, and what is too young to. */
function versionsWithoutLeaf({ listing, now, sealLagMs, storedAt }: EarlierCheck) {
  const versions = [...listing.versions.values()];
  const judgedBy = storedAt === undefined ? -Infinity : storedAt - sealLagMs - TOLERANCE_MS;
  const isOld = ({ sealedAs, since }: ListedVersion) => sealedAs === undefined && since < judgedBy;
  // What a later version lies over is looked at again.
  const later = new Set(versions.filter((version) => !isOld(version)).map(({ key }) => key));
  for (const version of versions) version.wasThere = isOld(version) && !later.has(version.key);
  const open = versions.filter(({ sealedAs, wasThere }) => sealedAs === undefined && !wasThere);
  return {
    wanted: new Set(open.filter(({ since }) => since <= now - sealLagMs).map(versionName)),
    young: open.filter(({ since }) => since > now - sealLagMs && since < (storedAt ?? Infinity) + TOLERANCE_MS),
  };
}

function isListed(key: string, days: Days | undefined): boolean {
  if (days === undefined || !TRAIL_PREFIXES.some((prefix) => key.startsWith(prefix))) return true;
  return [...key.matchAll(/(?<=\/)dt=(\d{4}-\d\d-\d\d)(?=\/)/g)].every(([, day]) => days.has(day!));
}

/** What a run that starts from a checkpoint leaves to the earlier one, for people. */
export function notCheckedBefore({ checkpoint }: Start, days: Days | undefined, window: Window): string[] {
  const { size, source } = checkpoint;
  const others = days === undefined || days.size === 0 ? '' : ` other than the ${days.size} that later leaves touch`;
  return [
    `the bytes of the objects of the first ${size} leaves: an earlier run hashed them`,
    `events in other hours than the ${window.size} that later objects touch, and those before them`,
    ...(days === undefined ? [] : [`what is there of days before ${days.since}${others}: they were not listed`]),
    `whether a later leaf repeats one of the first ${size}: few of those were read`,
    `checkpoints stored before ${source}: an earlier run read them`,
  ];
}
