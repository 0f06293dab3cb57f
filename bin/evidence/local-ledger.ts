import { readFile, readdir } from 'node:fs/promises';
import path from 'node:path';
import { LEDGER_PREFIX } from '../../lib/event/keys';
import type { TileReader } from '../../lib/ledger';

/** The ledger of a trail in a local folder, to read. */
export class LocalLedger implements TileReader {
  private readonly folder: string;

  /** @param root folder of the trail */
  constructor(root: string) {
    this.folder = path.join(root, LEDGER_PREFIX);
  }

  async read(file: string): Promise<Uint8Array | undefined> {
    return orIfAbsent(readFile(path.join(this.folder, file)), undefined);
  }

  /** Paths of the files in a folder, sorted; none if it is not there. @param folder ends with a slash */
  async list(folder: string): Promise<string[]> {
    const names = await orIfAbsent(readdir(path.join(this.folder, folder)), []);
    return names.sort().map((name) => folder + name);
  }
}

async function orIfAbsent<T, U>(read: Promise<T>, absent: U): Promise<T | U> {
  try {
    return await read;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR') return absent;
    throw error;
  }
}
