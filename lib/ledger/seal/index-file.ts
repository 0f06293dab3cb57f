import { createHash } from 'node:crypto';
import { canonicalize } from '../../event/canonical';
import { decodeLeaf } from '../leaf/object-leaf';
import type { LedgerFile } from '../tiles/append';
import { SealError } from './error';
import type { ObjectVersion } from './objects';

/** Where an object version stands in the log. */
export interface IndexEntry extends ObjectVersion {
  /** Index of its leaf. */
  readonly leaf: number;
}

/** A key in an hour, of plain names only, which every file system takes. */
const PARTITIONED = /^((?:[\w=-]{1,100}\/){0,6}dt=\d{4}-\d\d-\d\d\/hour=\d\d\/)[^/]+$/;

/**
 * The folder in which the index tells of an object: that of its hour, `index/events/dt=…/hour=…/`; of objects without
 * one, `index/by-hash/<4 hex digits of the key's SHA-256>/`. It depends on the key alone, and holds a file for each
 * batch with objects of this folder: to know whether a version is sealed, one folder is listed and read.
 */
export function indexFolder(key: string): string {
  const [, partition] = PARTITIONED.exec(key) ?? [];
  return `index/${partition ?? `by-hash/${createHash('sha256').update(key).digest('hex').slice(0, 4)}/`}`;
}

/**
 * The index files of a batch: one for each folder that it touches, named after the batch's first leaf.
 *
 * @param first index of the first leaf
 */
export function indexFiles(first: number, entries: readonly Uint8Array[]): LedgerFile[] {
  const folders = new Map<string, string[]>();
  entries.forEach((entry, i) => {
    const { key, versionId } = decodeLeaf(entry);
    const folder = indexFolder(key);
    const lines = folders.get(folder) ?? [];
    folders.set(folder, lines);
    lines.push(canonicalize({ key, leaf: first + i, version_id: versionId }) + '\n');
  });
  const name = String(first).padStart(16, '0');
  return [...folders].map(([folder, lines]) => ({ path: folder + name, body: Buffer.from(lines.join('')) }));
}

/** Reads a file that `indexFiles` wrote. @throws SealError INDEX_MALFORMED */
export function decodeIndexFile(path: string, bytes: Uint8Array): IndexEntry[] {
  const lines = Buffer.from(bytes).toString().split('\n');
  const entries = lines.slice(0, -1).map(decodeLine);
  if (lines.at(-1) === '' && entries.every((entry) => entry !== undefined)) return entries;
  throw new SealError('INDEX_MALFORMED', `${path} is not what a sealer writes`);
}

function decodeLine(line: string): IndexEntry | undefined {
  try {
    const { key, leaf, version_id: versionId } = JSON.parse(line) as { key: string; leaf: number; version_id: string };
    return canonicalize({ key, leaf, version_id: versionId }) === line ? { key, versionId, leaf } : undefined;
  } catch {
    return undefined;
  }
}
