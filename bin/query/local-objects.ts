import type { Dirent } from 'node:fs';
import { readdir, realpath, stat } from 'node:fs/promises';
import path from 'node:path';
import { EDGE_PREFIX, EVENTS_PREFIX, FALLBACK_PREFIX } from '../../lib/event/keys';
import { QueryError } from './queries';

/** Keys of the objects with audit events and edge records in a local trail, sorted. */
export interface LocalObjects {
  /** `events/dt=…/hour=…/….parquet` */
  readonly parquet: readonly string[];
  /** `fallback/dt=…/hour=…/….json`, one event a line. */
  readonly json: readonly string[];
  /** `edge/dt=…/hour=…/….parquet` */
  readonly edge: readonly string[];
}

/**
 * The folder of a trail, as an absolute path without symbolic links.
 *
 * @throws QueryError if there is no such folder.
 */
export async function resolveTrail(dir: string): Promise<string> {
  const isFolder = await stat(dir).then(
    (stats) => stats.isDirectory(),
    () => false,
  );
  if (!isFolder) throw new QueryError(`no trail in ${dir}: start one with npm start, or name it with --local DIR`);
  const root = await realpath(dir);
  // DuckDB reads these in file names as patterns and has no escape for them.
  if (/[*?[\]]/.test(root)) throw new QueryError(`cannot query a trail whose path holds * ? [ or ]: ${root}`);
  return root;
}

/** Lists the objects that are there now. Files that are still being written have other endings. */
export async function listLocalObjects(root: string): Promise<LocalObjects> {
  const [parquet, json, edge] = await Promise.all([
    listPartitioned(root, EVENTS_PREFIX, '.parquet'),
    listPartitioned(root, FALLBACK_PREFIX, '.json'),
    listPartitioned(root, EDGE_PREFIX, '.parquet'),
  ]);
  return { parquet, json, edge };
}

async function listPartitioned(root: string, prefix: string, ending: string): Promise<string[]> {
  const keys: string[] = [];
  for (const day of await folders(path.join(root, prefix), 'dt=')) {
    for (const hour of await folders(path.join(root, prefix, day), 'hour=')) {
      const files = (await entries(path.join(root, prefix, day, hour))).filter((entry) => entry.isFile());
      keys.push(...files.flatMap(({ name }) => (name.endsWith(ending) ? [`${prefix}${day}/${hour}/${name}`] : [])));
    }
  }
  return keys;
}

async function folders(parent: string, start: string): Promise<string[]> {
  const inside = await entries(parent);
  return inside.flatMap((entry) => (entry.isDirectory() && entry.name.startsWith(start) ? [entry.name] : []));
}

/** A symbolic link is neither a file nor a folder here: a trail that somebody hands over must not name files of the reader. */
async function entries(folder: string): Promise<Dirent[]> {
  try {
    const found = await readdir(folder, { withFileTypes: true });
    return found.sort((a, b) => (a.name < b.name ? -1 : 1));
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR') return [];
    throw new QueryError(`cannot read ${folder}: ${code ?? String(error)}`);
  }
}
