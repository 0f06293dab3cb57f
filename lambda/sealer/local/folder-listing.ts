import type { Dirent } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import path from 'node:path';
import { TRAIL_PREFIXES } from '../../../lib/event/keys';

/**
 * A folder changes its time of change with each new name, as finely as the file system counts. One that has been at rest
 * for so long when it was read has no later names of the same time.
 */
const REST_MS = 5_000;

interface KnownFolder {
  readonly changed: number;
  readonly files: readonly string[];
  readonly folders: readonly string[];
}

/**
 * Lists the objects of a trail in a folder, again and again: what is at rest is not read again. Only regular files are
 * objects: a FIFO would block whoever opens it, a link leads elsewhere. `audit-proxy verify` tells of them.
 */
export class FolderListing {
  private readonly known = new Map<string, KnownFolder>();

  constructor(private readonly root: string) {}

  /** The keys of all objects. */
  async keys(): Promise<string[]> {
    const keys: string[] = [];
    for (const prefix of TRAIL_PREFIXES) await this.collect(prefix, keys);
    return keys;
  }

  private async collect(folder: string, keys: string[]): Promise<void> {
    const { files, folders } = await this.read(folder);
    keys.push(...files);
    for (const below of folders) await this.collect(below, keys);
  }

  private async read(folder: string): Promise<Omit<KnownFolder, 'changed'>> {
    const absolute = path.join(this.root, folder);
    try {
      const changed = (await stat(absolute)).mtimeMs;
      const known = this.known.get(folder);
      if (known?.changed === changed) return known;
      const now = Date.now();
      const entries = await readdir(absolute, { withFileTypes: true });
      const read = {
        changed,
        files: pathsOf(folder, entries, (entry) => entry.isFile(), ''),
        folders: pathsOf(folder, entries, (entry) => entry.isDirectory(), '/'),
      };
      if (now - changed > REST_MS) this.known.set(folder, read);
      return read;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
      return { files: [], folders: [] };
    }
  }
}

function pathsOf(
  folder: string,
  entries: readonly Dirent[],
  isWanted: (entry: Dirent) => boolean,
  end: string,
): string[] {
  return entries.filter(isWanted).map(({ name }) => `${folder}${name}${end}`);
}
