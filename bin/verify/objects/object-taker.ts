import { open, rm } from 'node:fs/promises';
import { contentOf, type Intake } from '../events/intake';
import type { Window } from '../events/window';
import type { TrailStore } from '../trail/trail-store';
import type { WorkRoom } from '../work/work-room';
import { Concurrently } from './concurrently';
import type { ListedVersion, Listing } from './listing';

type Chunks = AsyncIterable<Uint8Array>;

export interface Taking {
  readonly store: TrailStore;
  readonly room: WorkRoom;
  readonly intake: Intake;
}

/** Objects that are read at a time: so many, and so many bytes, unless a single one is larger. */
export const AT_ONCE = 4;
export const BYTES_AT_ONCE = 8 * 1024 * 1024;

/** Brings the objects of a trail to the intake, each once: from where they are, or by way of a scratch file. */
export class ObjectTaker {
  constructor(private readonly taking: Taking) {}

  /**
   * Has somebody read the bytes of a version, and takes in the same bytes.
   *
   * @param read reads all chunks
   */
  async take<T>(version: ListedVersion, chunks: Chunks, read: (chunks: Chunks) => Promise<T>): Promise<T> {
    const { room, intake } = this.taking;
    if (contentOf(version.key) === undefined) return read(chunks);
    const there = this.fileOf(version);
    const file = there ?? room.scratch();
    const result = await (there === undefined ? written(chunks, file, read) : read(chunks));
    version.isTaken = true;
    await intake.take({ key: version.key, bytes: version.size, file, isScratch: there === undefined });
    return result;
  }

  /** Takes in what nobody had to read and lies in the window: what is not in the ledger, or an earlier run has hashed. */
  async takeRest({ versions }: Listing, window: Window, progress: (done: number) => void): Promise<void> {
    const reading = new Concurrently(AT_ONCE, BYTES_AT_ONCE);
    let done = 0;
    for (const version of versions.values()) {
      progress((done += 1));
      if (version.isTaken || contentOf(version.key) === undefined || !window.has(version.key)) continue;
      await reading.start(version.size, () => this.takeUnread(version));
    }
    await reading.finish();
  }

  private async takeUnread(version: ListedVersion): Promise<void> {
    const { store, intake } = this.taking;
    const file = this.fileOf(version);
    if (file !== undefined) {
      version.isTaken = true;
      await intake.take({ key: version.key, bytes: version.size, file, isScratch: false });
      return;
    }
    const object = await store.read(version);
    if (object !== undefined) await this.take(version, object.chunks, drained);
  }

  private fileOf(version: ListedVersion): string | undefined {
    const file = this.taking.store.fileOf?.(version);
    // DuckDB reads these in file names as patterns and has no escape for them.
    return file === undefined || /[*?[\]]/.test(file) ? undefined : file;
  }
}

async function drained(chunks: Chunks): Promise<void> {
  for await (const _ of chunks);
}

/** Writes chunks into a file while somebody reads them: what is hashed is what is decoded. */
async function written<T>(chunks: Chunks, file: string, read: (chunks: Chunks) => Promise<T>): Promise<T> {
  const handle = await open(file, 'w');
  try {
    return await read(
      (async function* () {
        for await (const chunk of chunks) {
          await handle.write(chunk);
          yield chunk;
        }
      })(),
    );
  } catch (error) {
    await rm(file, { force: true });
    throw error;
  } finally {
    await handle.close();
  }
}
