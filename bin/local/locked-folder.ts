import { randomUUID } from 'node:crypto';
import fs from 'node:fs/promises';
import path from 'node:path';
import { syncFolder } from './sync-folder';

/** Where objects come to rest: the locked bucket, or a folder that stands for it. */
export interface ObjectStore {
  /**
   * Stores an object once. Resolves when it is durable, also if the same bytes were there already.
   *
   * @throws KeyConflictError if the key holds other bytes; what was stored stays.
   */
  put(key: string, bytes: Uint8Array): Promise<void>;
}

/** Stores objects under keys that must be free, as S3 does with `If-None-Match: *`. */
export interface NewObjectStore {
  /**
   * Resolves when an object is durable under the key.
   *
   * @returns false if the key was taken, be it by the same bytes; what was stored stays.
   */
  putNew(key: string, bytes: Uint8Array): Promise<boolean>;
}

/** A key was to be written a second time with other bytes. */
export class KeyConflictError extends Error {
  override readonly name = 'KeyConflictError';
  constructor(readonly key: string) {
    super(`${key} is there already with other bytes; an object is never overwritten`);
  }
}

/** Where bytes wait until they are whole and durable; no reader of the trail looks there. */
const STAGING = '.staging';

/**
 * A folder as a locked bucket: every object is written once, shows up whole or not at all, is durable when `put`
 * resolves, and is read-only (mode 0444). What nobody can do to an object under Object Lock, anybody with the rights
 * of the folder's owner can do here: it stands in for the bucket, it does not prove anything.
 */
export class LockedFolder implements ObjectStore, NewObjectStore {
  /** Folders whose own entry in their parent is known to be durable. */
  private readonly durableFolders = new Set<string>();

  private constructor(
    private readonly root: string,
    private readonly staging: string,
  ) {}

  /**
   * Opens the folder, makes it where it is missing, and removes what a crash left half-written.
   *
   * @param staging folder in it, emptied here, in which bytes wait until they are whole. Default: that of the running
   * pipeline; whoever writes beside it takes another one.
   * @throws Error (with a `code`) if the folder cannot be written, or its file system has no hard links.
   */
  static async open(root: string, staging = STAGING): Promise<LockedFolder> {
    const folder = new LockedFolder(path.resolve(root), staging);
    await fs.rm(folder.at(staging), { recursive: true, force: true });
    await fs.mkdir(folder.at(staging), { recursive: true });
    await folder.probe();
    return folder;
  }

  async put(key: string, bytes: Uint8Array): Promise<void> {
    if (await this.putNew(key, bytes)) return;
    if (!(await fs.readFile(this.at(key))).equals(bytes)) throw new KeyConflictError(key);
  }

  async putNew(key: string, bytes: Uint8Array): Promise<boolean> {
    checkKey(key);
    const target = this.at(key);
    const staged = await this.stage(bytes);
    try {
      await this.makeDurableFolder(path.dirname(target));
      const isNew = await linkNew(staged, target);
      // Also where it was there already: the process that linked it may have died before this.
      await syncFolder(path.dirname(target));
      return isNew;
    } finally {
      await fs.unlink(staged).catch(() => undefined);
    }
  }

  private async stage(bytes: Uint8Array): Promise<string> {
    const staged = this.at(this.staging, randomUUID());
    const file = await fs.open(staged, 'wx', 0o444);
    try {
      await file.writeFile(bytes);
      await file.sync();
    } catch (error) {
      await fs.unlink(staged).catch(() => undefined);
      throw error;
    } finally {
      await file.close();
    }
    return staged;
  }

  private async makeDurableFolder(folder: string): Promise<void> {
    if (this.durableFolders.has(folder)) return;
    await fs.mkdir(folder, { recursive: true });
    // Every level up to the root: another process may have made some of them and died before its sync.
    for (let level = folder; level !== this.root; level = path.dirname(level)) {
      await syncFolder(path.dirname(level));
    }
    this.durableFolders.add(folder);
  }

  /** Finds out at the start, not at the first event, whether the folder can do what is asked of it. */
  private async probe(): Promise<void> {
    const staged = await this.stage(new Uint8Array());
    const linked = `${staged}.link`;
    try {
      await fs.link(staged, linked);
    } finally {
      await fs.rm(linked, { force: true });
      await fs.unlink(staged);
    }
  }

  private at(...parts: string[]): string {
    return path.join(this.root, ...parts);
  }
}

/** A hard link appears at once and fails where the name is taken; a rename would replace. */
async function linkNew(from: string, to: string): Promise<boolean> {
  try {
    await fs.link(from, to);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

/** Keys as the trail has them: relative, of plain names. */
function checkKey(key: string): void {
  const segments = key.split('/');
  const plain = segments.every((segment) => /^[A-Za-z0-9._=-]+$/.test(segment) && !segment.startsWith('.'));
  if (!plain) throw new TypeError(`not a key of the trail: ${JSON.stringify(key)}`);
}
