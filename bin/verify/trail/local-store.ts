import { constants, type Dirent, type Stats } from 'node:fs';
import { lstat, open, readdir, type FileHandle } from 'node:fs/promises';
import path from 'node:path';
import { LEDGER_PREFIX, TRAIL_PREFIXES } from '../../../lib/event/keys';
import { CHECKPOINT_PATH } from '../../../lib/ledger';
import { undeliveredRequests } from '../../local/edge-log/edge-journal';
import { dayOfFolder } from './day-of-folder';
import type { DaysListed, ObjectVersion, StoredVersion, TrailStore } from './trail-store';

/** The version of every object in a folder; S3 says the same of a bucket without versions. */
export const NO_VERSION = 'null';

/** Every state of the checkpoint, and the public key: as the local sealer lays them down. */
const CHECKPOINT_VERSIONS = 'versions/checkpoint';
const VKEY_FILE = 'keys/ledger.vkey';

/**
 * The trail in a local folder.
 *
 * @param root absolute path without symbolic links
 */
export function localStore(root: string): TrailStore {
  const ledger = path.join(root, LEDGER_PREFIX);
  return {
    location: root,
    ledger: {
      read: (file) => (file === CHECKPOINT_PATH ? checkpointIn(ledger) : readIfThere(path.join(ledger, file))),
    },
    versions: async function* (days) {
      for (const prefix of TRAIL_PREFIXES) yield* versionsUnder(root, prefix, days);
    },
    versionsUnder: (prefix) => versionsUnder(root, prefix),
    hasTrustedTimes: false,
    read: async ({ key, versionId }: ObjectVersion) => {
      const there = versionId === NO_VERSION && isKeyOfTrail(key);
      const chunks = there ? await chunksOf(path.join(root, key)) : undefined;
      return chunks && { chunks, lock: undefined };
    },
    fileOf: ({ key }) => path.join(root, key),
    checkpoints: async function* () {
      for (const file of (await statesIn(ledger)).reverse()) {
        const note = await readIfThere(file);
        const stats = await lstat(file).catch(() => undefined);
        if (note !== undefined && stats !== undefined) yield { note, since: sinceOf(stats) };
      }
    },
    ownKey: async () => (await readIfThere(path.join(root, VKEY_FILE)))?.toString().trim(),
    retention: () => Promise.resolve(undefined),
    undeliveredRequests: () => Promise.resolve(undeliveredRequests(root)),
    notChecked: ['locks, versions and delete markers: a folder has none, and its owner can change every file in it'],
  };
}

/** The files with the states of the checkpoint, oldest first. */
async function statesIn(ledger: string): Promise<string[]> {
  const folder = path.join(ledger, CHECKPOINT_VERSIONS);
  const names = await readdir(folder).catch((error: unknown) => {
    if (isAbsence(error)) return [];
    throw error;
  });
  const states = names.filter((name) => /^\d+$/.test(name)).sort();
  return states.map((name) => path.join(folder, name));
}

/**
 * The checkpoint. The sealer stores a state first, and then has `checkpoint` show it: one that was killed in between shows
 * the state before, and that is no rollback.
 */
async function checkpointIn(ledger: string): Promise<Buffer | undefined> {
  const shown = await readIfThere(path.join(ledger, CHECKPOINT_PATH));
  const [last, before] = (await statesIn(ledger)).reverse();
  if (last === undefined) return shown;
  const previous = before === undefined ? undefined : await readIfThere(before);
  const isPrevious = shown === undefined || previous === undefined ? shown === previous : shown.equals(previous);
  return isPrevious ? readIfThere(last) : shown;
}

/** A leaf that was forged must not lead out of the folder. */
function isKeyOfTrail(key: string): boolean {
  return TRAIL_PREFIXES.some((prefix) => key.startsWith(prefix)) && path.posix.normalize(key) === key;
}

async function* versionsUnder(root: string, prefix: string, days?: DaysListed): AsyncGenerator<StoredVersion> {
  for (const entry of await entriesOf(path.join(root, prefix))) {
    const key = prefix + entry.name;
    if (entry.isDirectory()) {
      const day = dayOfFolder(`${key}/`);
      if (days === undefined || day === undefined || days.has(day)) yield* versionsUnder(root, `${key}/`, days);
      continue;
    }
    const stats = await lstat(path.join(root, key)).catch(() => undefined);
    if (stats === undefined) continue;
    const since = sinceOf(stats);
    const irregular = stats.isFile() ? undefined : kindOf(stats);
    yield {
      key,
      versionId: NO_VERSION,
      size: stats.size,
      since,
      isDeleteMarker: false,
      ...(irregular && { irregular }),
    };
  }
}

/** Anybody can set the time of change back; nobody can set both forward. */
function sinceOf({ mtimeMs, ctimeMs }: Stats): number {
  return Math.min(mtimeMs, ctimeMs);
}

async function entriesOf(folder: string): Promise<Dirent[]> {
  try {
    const entries = await readdir(folder, { withFileTypes: true });
    return entries.sort((a, b) => (a.name < b.name ? -1 : 1));
  } catch (error) {
    if (isAbsence(error)) return [];
    throw error;
  }
}

/** @returns undefined if there is no such file */
async function chunksOf(file: string): Promise<AsyncIterable<Uint8Array> | undefined> {
  const handle = await openRegular(file);
  return handle?.createReadStream({ highWaterMark: 1024 * 1024 });
}

async function readIfThere(file: string): Promise<Buffer | undefined> {
  const handle = await openRegular(file);
  try {
    return await handle?.readFile();
  } finally {
    await handle?.close();
  }
}

/** Opening a FIFO would wait for somebody who writes, and a link leads out of the folder. Windows has neither flag. */
const FLAGS = constants.O_RDONLY | (constants.O_NONBLOCK ?? 0) | (constants.O_NOFOLLOW ?? 0);

/** @returns undefined if there is no such file, or something else than a regular one */
async function openRegular(file: string): Promise<FileHandle | undefined> {
  const handle = await open(file, FLAGS).catch((error: unknown) => {
    if (isAbsence(error)) return undefined;
    throw error;
  });
  if (handle === undefined || (await handle.stat()).isFile()) return handle;
  await handle.close();
  return undefined;
}

function kindOf(stats: Stats): string {
  if (stats.isSymbolicLink()) return 'a symbolic link';
  if (stats.isFIFO()) return 'a FIFO';
  return stats.isSocket() ? 'a socket' : 'a device';
}

/** ELOOP is said of a link, ENXIO of a socket. */
function isAbsence(error: unknown): boolean {
  const { code = '' } = error as NodeJS.ErrnoException;
  return ['ENOENT', 'ENOTDIR', 'EISDIR', 'ELOOP', 'ENXIO'].includes(code);
}
