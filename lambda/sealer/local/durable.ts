import { randomUUID } from 'node:crypto';
import fs from 'node:fs/promises';
import path from 'node:path';

/** Leftovers of a process that died are removed when nobody can be writing them any more. */
const LEFT_MS = 3_600_000;

/** Writes files that show up whole or not at all, and are durable when the promise resolves. */
export class DurableFiles {
  private readonly durableFolders = new Set<string>();

  private constructor(private readonly staging: string) {}

  /**
   * @param staging folder on the same file system, in which bytes wait until they are whole. Several processes may use it
   * at the same time.
   */
  static async open(staging: string): Promise<DurableFiles> {
    await fs.mkdir(staging, { recursive: true });
    for (const name of await fs.readdir(staging)) {
      const file = path.join(staging, name);
      const stats = await fs.stat(file).catch(() => undefined);
      if (stats !== undefined && Date.now() - stats.mtimeMs > LEFT_MS) await fs.rm(file, { force: true });
    }
    return new DurableFiles(staging);
  }

  /** @returns false if there is a file of this name. @param mode default: everybody may read, nobody write */
  async writeNew(file: string, bytes: Uint8Array, mode = 0o444): Promise<boolean> {
    const staged = await this.stage(bytes, mode);
    try {
      await this.makeFolder(path.dirname(file));
      const isNew = await linkNew(staged, file);
      // Also where it was there already: the process that linked it may have died before this.
      await syncFolder(path.dirname(file));
      return isNew;
    } finally {
      await discard(staged);
    }
  }

  /** Writes a file in the place of whatever is there. */
  async replace(file: string, bytes: Uint8Array): Promise<void> {
    const staged = await this.stage(bytes, 0o444);
    try {
      await this.makeFolder(path.dirname(file));
      await fs.rename(staged, file);
      await syncFolder(path.dirname(file));
    } finally {
      await discard(staged);
    }
  }

  private async stage(bytes: Uint8Array, mode: number): Promise<string> {
    const staged = path.join(this.staging, randomUUID());
    const file = await fs.open(staged, 'wx', mode);
    try {
      await file.writeFile(bytes);
      await file.sync();
    } catch (error) {
      // On a full disk, what each try leaves would keep it full.
      await discard(staged);
      throw error;
    } finally {
      await file.close();
    }
    return staged;
  }

  /** Makes a folder, and its names in all above it durable. */
  private async makeFolder(folder: string): Promise<void> {
    if (this.durableFolders.has(folder)) return;
    const parent = path.dirname(folder);
    const made = await fs.mkdir(folder).then(() => true, (error: unknown) => unless(error, 'EEXIST', 'ENOENT')); // prettier-ignore
    if (made === 'ENOENT') {
      await this.makeFolder(parent);
      return this.makeFolder(folder);
    }
    await syncFolder(parent);
    this.durableFolders.add(folder);
  }
}

/** Removes what was staged. One that cannot be removed is left for `open`, and hides no other error. */
async function discard(staged: string): Promise<void> {
  await fs.rm(staged, { force: true }).catch(() => undefined);
}

/** @returns undefined if there is no such file */
export async function readIfThere(file: string): Promise<Buffer | undefined> {
  try {
    return await fs.readFile(file);
  } catch (error) {
    unless(error, 'ENOENT', 'ENOTDIR');
    return undefined;
  }
}

/** @returns nothing if there is no such folder */
export async function namesIn(folder: string): Promise<string[]> {
  try {
    return await fs.readdir(folder);
  } catch (error) {
    unless(error, 'ENOENT', 'ENOTDIR');
    return [];
  }
}

/** A hard link appears at once and fails where the name is taken; a rename would replace. */
async function linkNew(from: string, to: string): Promise<boolean> {
  return fs.link(from, to).then(
    () => true,
    (error: unknown) => unless(error, 'EEXIST') === undefined,
  );
}

async function syncFolder(folder: string): Promise<void> {
  // Windows cannot open a folder; its file systems keep names durable by their journal.
  if (process.platform === 'win32') return;
  const handle = await fs.open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** The error's code if it is one of these; any other error is thrown. */
function unless(error: unknown, ...codes: string[]): string {
  const { code } = error as NodeJS.ErrnoException;
  if (code !== undefined && codes.includes(code)) return code;
  throw error;
}
