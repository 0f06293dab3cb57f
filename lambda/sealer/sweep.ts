import { createHash } from 'node:crypto';
import {
  EDGE_ERRORS_PREFIX,
  EDGE_PREFIX,
  ERRORS_PREFIX,
  EVENTS_PREFIX,
  FALLBACK_PREFIX,
  LEDGER_PREFIX,
  PAYLOADS_PREFIX,
  partitionOf,
  partitionPath,
} from '../../lib/event/keys';
import { SWEEP_ROUND_HOURS, SWEPT_AGE_DAYS } from '../../lib/ledger/seal/settings';
import type { Bucket, ListedVersion } from './aws/bucket';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

type Listing = Pick<Bucket, 'level'>;

/** A part of the bucket to be listed: the versions under a prefix. */
export interface Slice {
  readonly prefix: string;
  /** The listing goes on after this version. @default it begins at the beginning */
  readonly after?: Pick<ListedVersion, 'key' | 'versionId'>;
  /** Older versions are left out, epoch milliseconds. @default none is */
  readonly since?: number;
}

/**
 * The partitions of the last hours, the present one included, under every prefix that has such: where most versions lie
 * whose notice was lost.
 *
 * @param now epoch milliseconds
 */
export async function recentSlices(bucket: Listing, now: number, hours: number): Promise<Slice[]> {
  const prefixes = [EVENTS_PREFIX, FALLBACK_PREFIX, EDGE_PREFIX, PAYLOADS_PREFIX, ...(await errorPrefixes(bucket))];
  const partitions = Array.from({ length: hours + 1 }, (_, ago) => partitionPath(partitionOf(now - ago * HOUR_MS)));
  return partitions.flatMap((partition) => prefixes.map((prefix) => ({ prefix: prefix + partition })));
}

/** An hour's share of the bucket: parts to be listed, and the versions that were seen on the way to them. */
export interface Share {
  readonly slices: readonly Slice[];
  readonly versions: readonly ListedVersion[];
}

/**
 * An hour's share of the whole bucket: what came late into an old partition, was recovered into one, or lies where no
 * writer puts anything.
 *
 * Each hour lists the folders (one a day and prefix: a page of a listing is 1,000 of them), and takes one in
 * `SWEEP_ROUND_HOURS` of their hours. Which ones follows from the name and the time, so that there is no state to keep or
 * to lose, and every hour's folder has its turn once in a round. Only versions of the last `SWEPT_AGE_DAYS` days are looked
 * up in the index: older ones had several turns already. So a sweep costs one listing request for each
 * 1,000 × `SWEEP_ROUND_HOURS` versions in the bucket, and some for the folders.
 */
export async function shareOf(bucket: Listing, now: number): Promise<Share> {
  const turn = Math.floor(now / HOUR_MS) % SWEEP_ROUND_HOURS;
  const since = now - SWEPT_AGE_DAYS * DAY_MS;
  const prefixes: string[] = [];
  const versions: ListedVersion[] = [];
  const list = async (prefix: string): Promise<string[]> => {
    const all: string[] = [];
    for await (const { versions: loose, folders } of bucket.level(prefix)) {
      for (const version of loose) if (version.lastModified >= since) versions.push(version);
      all.push(...folders);
    }
    return all;
  };

  for (const folder of await list('')) {
    if (folder === LEDGER_PREFIX) continue;
    for (const below of await list(folder)) {
      // Errors lie one level deeper, those of the edge log two.
      if (folder !== ERRORS_PREFIX) prefixes.push(below);
      else if (below !== EDGE_ERRORS_PREFIX) prefixes.push(...(await list(below)));
      else for (const kind of await list(below)) prefixes.push(...(await list(kind)));
    }
  }
  for (const day of prefixes.filter((folder) => DAY.test(folder) && turnOf(folder) === turn)) {
    prefixes.push(...(await list(day)).filter((folder) => !HOUR.test(folder)));
  }
  const parts = prefixes.flatMap((folder) => (DAY.test(folder) ? HOURS.map((hour) => folder + hour) : [folder]));
  return { slices: parts.filter((part) => isTurn(part, turn)).map((prefix) => ({ prefix, since })), versions };
}

const DAY = /\/dt=[^/]*\/$/;
const HOUR = /\/hour=(?:[01]\d|2[0-3])\/$/;
const HOURS = Array.from({ length: 24 }, (_, hour) => `hour=${String(hour).padStart(2, '0')}/`);

/** Folders in a day that are no hour have their turn with the day itself. */
function isTurn(part: string, turn: number): boolean {
  const [, day] = HOUR.test(part) ? [] : (/^(.*\/dt=[^/]*\/)./.exec(part) ?? []);
  return turnOf(day ?? part) === turn;
}

/** In which hour of a round a folder has its turn. */
export function turnOf(folder: string): number {
  return createHash('sha256').update(folder).digest().readUInt32BE(0) % SWEEP_ROUND_HOURS;
}

/** Errors lie under one prefix for each kind of error; the edge log's one level deeper. */
async function errorPrefixes(bucket: Listing): Promise<string[]> {
  const kinds = await foldersIn(bucket, ERRORS_PREFIX);
  if (!kinds.includes(EDGE_ERRORS_PREFIX)) return kinds;
  return [...kinds.filter((kind) => kind !== EDGE_ERRORS_PREFIX), ...(await foldersIn(bucket, EDGE_ERRORS_PREFIX))];
}

async function foldersIn(bucket: Listing, prefix: string): Promise<string[]> {
  const all: string[] = [];
  for await (const { folders } of bucket.level(prefix)) all.push(...folders);
  return all;
}
