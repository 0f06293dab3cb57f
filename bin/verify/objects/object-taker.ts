import { open, rm } from 'node:fs/promises';
import { contentOf } from '../events/content';
import type { Intake } from '../events/intake';
import type { Content } from '../events/fill';
import type { Window } from '../events/window';
import type { TrailStore } from '../trail/trail-store';
import type { WorkRoom } from '../work/work-room';
import { Concurrently } from './concurrently';
import type { ListedVersion, Listing } from './listing';
import { lookInto, type LookedInto } from './look-into';

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
  async take<T extends { readonly looked?: LookedInto }>(
    version: ListedVersion,
    chunks: Chunks,
    read: (chunks: Chunks) => Promise<T>,
  ): Promise<T> {
    const { room, intake } = this.taking;
    const content = contentOf(version.key);
    if (content === undefined) return read(chunks);
    const there = this.fileOf(version);
    const file = there ?? room.scratch();
    const result = await (there === undefined ? written(chunks, file, read) : read(chunks));
    version.isTaken = true;
    const looked = result.looked ?? (await lookIntoFile(version.key, content, file));
    await intake.take({ key: version.key, bytes: version.size, file, isScratch: there === undefined, looked });
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
      const looked = await lookIntoFile(version.key, contentOf(version.key)!, file);
      await intake.take({ key: version.key, bytes: version.size, file, isScratch: false, looked });
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

async function drained(chunks: Chunks): Promise<{ readonly looked?: LookedInto }> {
  for await (const _ of chunks);
  return {};
}

async function lookIntoFile(key: string, content: Content, file: string): Promise<LookedInto> {
  const handle = await open(file, 'r');
  try {
    const { size } = await handle.stat();
    const range = async (start: number, end: number) => {
      const bytes = Buffer.alloc(end - start);
      const { bytesRead } = await handle.read(bytes, 0, bytes.length, start);
      return bytes.subarray(0, bytesRead);
    };
    return await lookInto(key, content, { size, range });
  } finally {
    await handle.close();
  }
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
