import path from 'node:path';
import { CHECKPOINT_PATH } from '../../../lib/ledger';
import { HEAD_PATH, type SealStore, type StoredFile } from '../../../lib/ledger/seal';
import { DurableFiles, namesIn, readIfThere } from './durable';

/** Where the states of the files that are replaced stand, one file each: `versions/checkpoint/0000000000000007`. */
const VERSIONS = 'versions';
const REPLACED = [HEAD_PATH, CHECKPOINT_PATH];

/** Files that we write have a number as their last name in `versions/` and `index/`; whatever else lies there is not ours, e.g. `.DS_Store`. */
const NUMBERED = /^\d+$/;

/**
 * The ledger in a folder. What is written once is linked into its place, which fails where something is.
 *
 * The files that are replaced keep every state, as a bucket keeps versions: a state is a file whose name is the number
 * after that of the state it replaces. So replacing is writing a new file too, only one can do it, and a process that is
 * killed holds no lock. `head` and `checkpoint` themselves are copies of the last state, for whoever reads the folder.
 */
export class FolderStore implements SealStore {
  /** Number of the last state that is known of; there may be later ones. */
  private readonly known = new Map<string, number>();

  /** Files whose last state could not be shown: readers of the folder see an older one. */
  private readonly unshown = new Set<string>();

  private constructor(
    private readonly root: string,
    private readonly files: DurableFiles,
  ) {}

  /** @param root folder of the ledger @param staging folder for bytes that are not whole yet */
  static async open(root: string, staging: string): Promise<FolderStore> {
    const store = new FolderStore(root, await DurableFiles.open(staging));
    // Whoever put the last state there may have died before saying so.
    for (const name of REPLACED) await store.showLast(name);
    return store;
  }

  async get(name: string): Promise<StoredFile | undefined> {
    if (!REPLACED.includes(name)) {
      const bytes = await readIfThere(this.at(name));
      return bytes && { bytes, etag: 'once' };
    }
    // Going on without would seal, and never say that readers do not see it.
    if (this.unshown.has(name)) await this.showLast(name);
    const number = await this.lastState(name);
    const bytes = number === 0 ? undefined : await readIfThere(this.state(name, number));
    return bytes && { bytes, etag: String(number) };
  }

  putIfAbsent(name: string, bytes: Uint8Array): Promise<boolean> {
    return REPLACED.includes(name) ? this.putState(name, 1, bytes) : this.files.writeNew(this.at(name), bytes);
  }

  async putIfMatch(name: string, bytes: Uint8Array, etag: string): Promise<boolean> {
    const last = await this.lastState(name);
    return String(last) === etag && this.putState(name, last + 1, bytes);
  }

  async list(prefix: string): Promise<string[]> {
    return (await numbersIn(this.at(prefix))).map((name) => prefix + name);
  }

  async hasHistory(prefix: string): Promise<boolean> {
    if (REPLACED.includes(prefix)) return (await this.lastState(prefix)) > 0 || (await isThere(this.at(prefix)));
    return (await namesIn(this.at(prefix))).some((name) => !name.startsWith('.'));
  }

  private async putState(name: string, number: number, bytes: Uint8Array): Promise<boolean> {
    if (!(await this.files.writeNew(this.state(name, number), bytes))) return false;
    await this.showLast(name);
    return true;
  }

  /** Repeated until nothing came after: a slower process may have shown an older state over a newer one. */
  private async showLast(name: string): Promise<void> {
    this.unshown.add(name);
    let shown = 0;
    for (let last; (last = await this.lastState(name)) > shown; shown = last) {
      await this.files.replace(this.at(name), (await readIfThere(this.state(name, last)))!);
    }
    this.unshown.delete(name);
  }

  private async lastState(name: string): Promise<number> {
    const folder = this.at(VERSIONS, name);
    let number = this.known.get(name) ?? Math.max(0, ...(await numbersIn(folder)).map(Number));
    while ((await readIfThere(this.state(name, number + 1))) !== undefined) number += 1;
    this.known.set(name, number);
    return number;
  }

  private state(name: string, number: number): string {
    return this.at(VERSIONS, name, String(number).padStart(16, '0'));
  }

  private at(...parts: string[]): string {
    return path.join(this.root, ...parts);
  }
}

async function numbersIn(folder: string): Promise<string[]> {
  return (await namesIn(folder)).filter((name) => NUMBERED.test(name));
}

async function isThere(file: string): Promise<boolean> {
  return (await readIfThere(file)) !== undefined;
}
