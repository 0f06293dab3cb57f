import type { Dirent } from 'node:fs';
import { readFile, readdir, stat } from 'node:fs/promises';
import path from 'node:path';
import { EDGE_PREFIX, ERRORS_PREFIX, EVENTS_PREFIX, FALLBACK_PREFIX, LEDGER_PREFIX } from '../../../lib/event/keys';
import type { ObjectVersion, StoredVersion, TrailStore } from './trail-store';

/** The version of every object in a folder; S3 says the same of a bucket without versions. */
export const NO_VERSION = 'null';

/** Where objects of the trail lie. The folder also has what is none: keys, the write-ahead log, logs of functions. */
const PREFIXES = [EVENTS_PREFIX, FALLBACK_PREFIX, EDGE_PREFIX, ERRORS_PREFIX];

/** Stored versions of the checkpoint, and the key's public half: as the local sealer lays them down. */
const CHECKPOINT_VERSIONS = 'versions/checkpoint';
const KEY_FOLDER = 'keys';

/**
 * The trail in a local folder.
 *
 * @param root absolute path without symbolic links
 */
export function localStore(root: string): TrailStore {
  const ledger = path.join(root, LEDGER_PREFIX);
  return {
    location: root,
    ledger: { read: (file) => readIfThere(path.join(ledger, file)) },
    versions: async function* () {
      for (const prefix of PREFIXES) yield* versionsUnder(root, prefix);
    },
    read: async ({ key, versionId }: ObjectVersion) => {
      const there = versionId === NO_VERSION && isKeyOfTrail(key);
      const bytes = there ? await readIfThere(path.join(root, key)) : undefined;
      return bytes && { bytes, lock: undefined };
    },
    checkpoints: async function* () {
      const folder = path.join(ledger, CHECKPOINT_VERSIONS);
      for (const { name } of await entriesOf(folder)) {
        const bytes = await readIfThere(path.join(folder, name));
        if (bytes !== undefined) yield bytes;
      }
    },
    ownKey: () => ownKey(path.join(root, KEY_FOLDER)),
    retention: () => Promise.resolve(undefined),
    notChecked: ['locks, versions and delete markers: a folder has none, and its owner can change every file in it'],
  };
}

/** A leaf that was forged must not lead out of the folder. */
function isKeyOfTrail(key: string): boolean {
  return PREFIXES.some((prefix) => key.startsWith(prefix)) && path.posix.normalize(key) === key;
}

async function* versionsUnder(root: string, prefix: string): AsyncGenerator<StoredVersion> {
  for (const entry of await entriesOf(path.join(root, prefix))) {
    const key = prefix + entry.name;
    if (entry.isDirectory()) {
      yield* versionsUnder(root, `${key}/`);
      continue;
    }
    const stats = await stat(path.join(root, key)).catch(() => undefined);
    if (stats === undefined) continue;
    // Anybody can set the time of change back; nobody can set both forward.
    const since = Math.min(stats.mtimeMs, stats.ctimeMs);
    yield { key, versionId: NO_VERSION, size: stats.size, since, isDeleteMarker: false };
  }
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

async function readIfThere(file: string): Promise<Buffer | undefined> {
  try {
    return await readFile(file);
  } catch (error) {
    if (isAbsence(error)) return undefined;
    throw error;
  }
}

function isAbsence(error: unknown): boolean {
  return ['ENOENT', 'ENOTDIR', 'EISDIR'].includes((error as NodeJS.ErrnoException).code ?? '');
}

async function ownKey(folder: string): Promise<string | undefined> {
  const names = (await entriesOf(folder)).map(({ name }) => name).filter((name) => name.endsWith('.vkey'));
  const bytes = names.length === 1 ? await readIfThere(path.join(folder, names[0]!)) : undefined;
  return bytes?.toString().trim();
}
