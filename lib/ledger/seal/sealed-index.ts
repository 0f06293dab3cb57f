import type { LedgerFile } from '../tiles/append';
import { each } from './each';
import { decodeIndexFile, indexFolder } from './index-file';
import { versionName, type ObjectVersion } from './objects';
import type { SealStore } from './store';

/** Versions kept in memory, some 30 MB: what a surge of fallback objects leaves in one hour is not read again and again. */
const KEPT_VERSIONS = 200_000;

const FOLDERS_AT_ONCE = 16;
const FILES_AT_ONCE = 8;

/** Knows which object versions are in the log. Exact once all that `head` stages is published. */
export class SealedIndex {
  /** Names of the versions in an index file, by its path; last used last. The files never change. */
  private readonly kept = new Map<string, ReadonlySet<string>>();
  private keptVersions = 0;

  constructor(private readonly store: SealStore) {}

  /** Those that are not in the log yet. */
  async unsealed(versions: readonly ObjectVersion[]): Promise<ObjectVersion[]> {
    const folders = new Map<string, Set<string>>();
    for (const version of versions) {
      const folder = indexFolder(version.key);
      const wanted = folders.get(folder) ?? new Set();
      folders.set(folder, wanted.add(versionName(version)));
    }
    await each([...folders], FOLDERS_AT_ONCE, ([folder, wanted]) => this.dropSealed(folder, wanted));
    return versions.filter((version) => folders.get(indexFolder(version.key))!.has(versionName(version)));
  }

  /** Spares reading what has just been published. */
  keep(files: readonly LedgerFile[]): void {
    for (const { path, body } of files) this.remember(path, namesIn(path, body));
  }

  private async dropSealed(folder: string, wanted: Set<string>): Promise<void> {
    await each(await this.store.list(folder), FILES_AT_ONCE, async (path) => {
      if (wanted.size === 0) return;
      const sealed = await this.namesOf(path);
      for (const name of wanted) if (sealed.has(name)) wanted.delete(name);
    });
  }

  private async namesOf(path: string): Promise<ReadonlySet<string>> {
    const names = this.kept.get(path) ?? (await this.read(path));
    this.remember(path, names);
    return names;
  }

  private async read(path: string): Promise<ReadonlySet<string>> {
    const file = await this.store.get(path);
    if (file === undefined) throw new Error(`${path} was listed, and is not there`);
    return namesIn(path, file.bytes);
  }

  private remember(path: string, names: ReadonlySet<string>): void {
    this.forget(path);
    this.kept.set(path, names);
    this.keptVersions += names.size;
    for (const oldest of this.kept.keys()) {
      if (this.keptVersions <= KEPT_VERSIONS) break;
      this.forget(oldest);
    }
  }

  private forget(path: string): void {
    this.keptVersions -= this.kept.get(path)?.size ?? 0;
    this.kept.delete(path);
  }
}

function namesIn(path: string, bytes: Uint8Array): ReadonlySet<string> {
  return new Set(decodeIndexFile(path, bytes).map(versionName));
}
