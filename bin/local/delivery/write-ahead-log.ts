import { randomBytes } from 'node:crypto';
import fs, { type FileHandle } from 'node:fs/promises';
import path from 'node:path';
import { syncFolder } from '../sync-folder';
import { decodeSegment, encodeFrame, SEGMENT_HEADER, type DecodedSegment, type StreamRecord } from './segment';

/** What the log asks of the file system; tests give one that fails. */
export interface LogFiles {
  open(file: string, flags: string): Promise<Pick<FileHandle, 'writeFile' | 'datasync' | 'truncate' | 'close'>>;
}

/** A segment that is complete: nothing is appended to it any more. */
export interface SealedSegment {
  /** Names the segment for good, also after a restart. */
  readonly name: string;
  readonly bytes: number;
}

interface OpenSegment {
  readonly name: string;
  readonly file: Awaited<ReturnType<LogFiles['open']>>;
  /** Length that is known to be durable. */
  bytes: number;
  records: number;
}

interface Append {
  readonly frame: Buffer;
  readonly resolve: (recordId: string) => void;
  readonly reject: (error: unknown) => void;
}

const EXTENSION = '.wal';

/**
 * Holds records between their acknowledgement and the objects that they come to rest in. `append` resolves once the
 * record is synced to disk; records that come in meanwhile share the next sync. Records lie in segments: one is open,
 * the sealed ones wait for delivery and are removed after it, whatever dies in between.
 */
export class WriteAheadLog {
  private current: OpenSegment | undefined;
  private readonly sealed: SealedSegment[] = [];
  private waiting: Append[] = [];
  /** Writes and seals run one after another. */
  private turn: Promise<unknown> = Promise.resolve();

  private constructor(
    private readonly folder: string,
    private readonly files: LogFiles,
  ) {}

  /**
   * Opens the log and finds the segments of a process before this one, oldest first; their torn tails are cut off.
   *
   * @param onTorn is told of each cut.
   */
  static async open(
    folder: string,
    onTorn: (segment: string, bytes: number) => void = () => undefined,
    files: LogFiles = fs,
  ): Promise<{ log: WriteAheadLog; recovered: readonly SealedSegment[] }> {
    await fs.mkdir(folder, { recursive: true });
    const log = new WriteAheadLog(folder, files);
    const recovered: SealedSegment[] = [];
    for (const file of (await fs.readdir(folder)).filter((name) => name.endsWith(EXTENSION)).sort()) {
      const name = file.slice(0, -EXTENSION.length);
      const { records, whole, torn } = await readSegment(folder, name);
      if (torn > 0) {
        onTorn(name, torn);
        await cutTail(log.path(name), whole);
      }
      if (records.length === 0) await log.remove(name);
      else recovered.push({ name, bytes: whole });
    }
    return { log, recovered };
  }

  /** Resolves with the record's id once it is durable; rejects if it is not (it may still be found after a crash). */
  append(record: StreamRecord): Promise<string> {
    const frame = encodeFrame(record);
    return new Promise((resolve, reject) => {
      this.waiting.push({ frame, resolve, reject });
      // A commit that has not begun yet takes this record along.
      if (this.waiting.length === 1) void this.inTurn(() => this.commit());
    });
  }

  /** Ends the open segment, after all appends made so far. Resolves with what is complete since the last call. */
  seal(): Promise<readonly SealedSegment[]> {
    return this.inTurn(async () => {
      await this.endSegment();
      return this.sealed.splice(0);
    });
  }

  /** Forgets a segment, once all of its records are durable elsewhere. */
  async remove(name: string): Promise<void> {
    // Not synced: a segment that is back after a crash is delivered again, to the same keys with the same bytes.
    await fs.rm(this.path(name), { force: true });
  }

  private async commit(): Promise<void> {
    const group = this.waiting;
    this.waiting = [];
    try {
      this.current ??= await this.startSegment();
      await this.current.file.writeFile(Buffer.concat(group.map(({ frame }) => frame)));
      await this.current.file.datasync();
    } catch (error) {
      await this.giveUpSegment();
      for (const { reject } of group) reject(error);
      return;
    }
    for (const { frame, resolve } of group) {
      resolve(`${this.current.name}-${this.current.records}`);
      this.current.records += 1;
      this.current.bytes += frame.length;
    }
  }

  private async startSegment(): Promise<OpenSegment> {
    // Names sort by age.
    const name = `${String(Date.now()).padStart(15, '0')}-${randomBytes(8).toString('hex')}`;
    const file = await this.files.open(this.path(name), 'ax');
    try {
      await file.writeFile(SEGMENT_HEADER);
      await file.datasync();
      await syncFolder(this.folder);
    } catch (error) {
      await file.close().catch(() => undefined);
      await this.remove(name);
      throw error;
    }
    return { name, file, bytes: SEGMENT_HEADER.length, records: 0 };
  }

  /**
   * After a failed write or sync nothing is known of what lies behind the last sync that succeeded, not even whether a
   * later one would tell. So take back what is there of it, and go on in another segment.
   */
  private async giveUpSegment(): Promise<void> {
    await this.current?.file.truncate(this.current.bytes).catch(() => undefined);
    await this.endSegment();
  }

  private async endSegment(): Promise<void> {
    const segment = this.current;
    if (segment === undefined) return;
    this.current = undefined;
    await segment.file.close().catch(() => undefined);
    if (segment.records > 0) this.sealed.push({ name: segment.name, bytes: segment.bytes });
    else await this.remove(segment.name).catch(() => undefined);
  }

  private inTurn<T>(work: () => Promise<T>): Promise<T> {
    const result = this.turn.then(work);
    this.turn = result.catch(() => undefined);
    return result;
  }

  private path(name: string): string {
    return segmentPath(this.folder, name);
  }
}

function segmentPath(folder: string, name: string): string {
  return path.join(folder, name + EXTENSION);
}

async function cutTail(file: string, length: number): Promise<void> {
  const handle = await fs.open(file, 'r+');
  try {
    await handle.truncate(length);
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** Reads the records of a segment. */
export async function readSegment(folder: string, name: string): Promise<DecodedSegment> {
  const file = segmentPath(folder, name);
  const bytes = await fs.readFile(file);
  try {
    return decodeSegment(bytes);
  } catch (error) {
    throw new Error(`${file}: ${(error as Error).message}`);
  }
}
