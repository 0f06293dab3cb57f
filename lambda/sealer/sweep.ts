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

type Listing = Pick<Bucket, 'level' | 'versions'>;

/**
 * Versions whose notice may have been lost, page by page: those in the partitions of the last hours, and of all else in
 * the bucket this hour's share (see `shareOf`).
 *
 * @param now epoch milliseconds
 */
export async function* sweptVersions(bucket: Listing, now: number, hours: number): AsyncGenerator<ListedVersion[]> {
  yield* recentVersions(bucket, now, hours);
  yield* shareOf(bucket, now);
}

/** Those in the partitions of the last hours, the present one included, under every prefix that has such. */
async function* recentVersions(bucket: Listing, now: number, hours: number): AsyncGenerator<ListedVersion[]> {
  const prefixes = [EVENTS_PREFIX, FALLBACK_PREFIX, EDGE_PREFIX, PAYLOADS_PREFIX, ...(await errorPrefixes(bucket))];
  for (let ago = 0; ago <= hours; ago++) {
    const partition = partitionPath(partitionOf(now - ago * HOUR_MS));
    for (const prefix of prefixes) yield* bucket.versions(prefix + partition);
  }
}

/**
 * An hour's share of the whole bucket: what came late into an old partition, was recovered into one, or lies where no
 * writer puts anything.
 *
 * Each hour lists the folders (one a day and prefix: a page of a listing is 1,000 of them), and then what is in one in
 * `SWEEP_ROUND_HOURS` of them. Which one follows from its name and the hour, so that there is no state to keep or to lose,
 * and every folder has its turn once in a round. Of what is listed, only what came in the last `SWEPT_AGE_DAYS` days is
 * looked up in the index: older objects had several turns already. So a sweep costs one listing request for each
 * 1,000 × `SWEEP_ROUND_HOURS` versions in the bucket, and some for the folders.
 */
async function* shareOf(bucket: Listing, now: number): AsyncGenerator<ListedVersion[]> {
  const turn = Math.floor(now / HOUR_MS) % SWEEP_ROUND_HOURS;
  const since = now - SWEPT_AGE_DAYS * DAY_MS;
  const young = (page: readonly ListedVersion[]) => page.filter(({ lastModified }) => lastModified >= since);
  for await (const { versions, folders } of bucket.level('')) {
    yield young(versions);
    for (const prefix of folders.filter((folder) => folder !== LEDGER_PREFIX)) {
      for await (const below of bucket.level(prefix)) {
        yield young(below.versions);
        for (const folder of below.folders.filter((name) => turnOf(name) === turn)) {
          for await (const page of bucket.versions(folder)) yield young(page);
        }
      }
    }
  }
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
