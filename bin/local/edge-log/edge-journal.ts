import fs from 'node:fs';
import path from 'node:path';
import type { EdgeRecord } from '../../../lib/edge-log/record';

/** A record on its way to the delivery stream. */
export interface PendingRecord {
  /** The request's extended request id. */
  readonly id: string;
  /** JSON with a line break. */
  readonly line: Buffer;
}

/** Name of the journal in the folder of a trail. */
const FILE = 'edge-log.journal';

/** Above this size the file is written anew, with what is pending alone. */
const MAX_BYTES = 16 * 1024 * 1024;

/** How long a journal that could not be written is left alone, in milliseconds. */
const RETRY_MS = 1_000;

/** One line of the file. `begun` has what is to be logged of the request if nothing more is heard of it. */
type Entry = readonly ['begun' | 'ended', string, EdgeRecord] | readonly ['delivered', ...string[]];

/**
 * What the local gateway knows of requests whose records are not delivered yet, in a file: a gateway that is killed goes on
 * with it at the next start, so that the edge log has every request that the function got. Each line is with the operating
 * system before the function is called or the answer goes out; a power failure can still cut the last ones off.
 */
export class EdgeJournal {
  /** By id, in the order in which they came. */
  private readonly pending: Map<string, Buffer>;
  private descriptor: number;
  private bytes = 0;
  /** When a write failed: since then the file lacks what `pending` has. */
  private failedAt: number | undefined;

  private constructor(
    private readonly file: string,
    left: ReadonlyMap<string, Buffer>,
  ) {
    this.pending = new Map(left);
    this.descriptor = this.writeAnew();
  }

  /** Opens the journal of a trail's folder; `left` are the records that an earlier gateway did not deliver. */
  static open(folder: string): { readonly journal: EdgeJournal; readonly left: readonly PendingRecord[] } {
    const left = readPending(folder);
    const journal = new EdgeJournal(path.join(folder, FILE), left);
    return { journal, left: [...left].map(([id, line]) => ({ id, line })) };
  }

  /** The function is about to be called. @param record what is logged of the request if the gateway dies now */
  begin(id: string, record: EdgeRecord): void {
    this.pending.set(id, lineOf(record));
    this.append(['begun', id, record]);
  }

  /** The answer is known. */
  end(id: string, record: EdgeRecord): void {
    this.pending.set(id, lineOf(record));
    this.append(['ended', id, record]);
  }

  /** The delivery stream has the records, or nobody will bring them there. */
  forget(ids: readonly string[]): void {
    for (const id of ids) this.pending.delete(id);
    if (this.pending.size === 0) this.empty();
    else this.append(['delivered', ...ids]);
  }

  /** @throws the write error if the file lacks what is pending */
  close(): void {
    if (!this.isWhole) this.renew();
    fs.closeSync(this.descriptor);
  }

  /** Whether the file has all that is pending. */
  get isWhole(): boolean {
    return this.failedAt === undefined;
  }

  private append(entry: Entry): void {
    this.attempt(() => {
      const line = Buffer.from(`${JSON.stringify(entry)}\n`);
      const written = fs.writeSync(this.descriptor, line);
      this.bytes += written;
      // A full disk takes a part, and says so at the next write only.
      if (written < line.length) throw new Error('only a part of the line was written');
      if (this.bytes > MAX_BYTES) this.renew();
    });
  }

  private empty(): void {
    this.attempt(() => {
      fs.ftruncateSync(this.descriptor, 0);
      this.bytes = 0;
    });
  }

  /** After a write that failed, the file is written anew, with what it lacks; tried once a second. */
  private attempt(work: () => void): void {
    if (this.failedAt !== undefined && Date.now() - this.failedAt < RETRY_MS) return;
    try {
      if (this.failedAt === undefined) work();
      else this.renew();
      this.failedAt = undefined;
    } catch (error) {
      this.failedAt = Date.now();
      throw error;
    }
  }

  private renew(): void {
    const before = this.descriptor;
    this.descriptor = this.writeAnew();
    fs.closeSync(before);
  }

  private writeAnew(): number {
    const whole = `${this.file}.new`;
    const entries = [...this.pending].map(
      ([id, line]) => `["ended",${JSON.stringify(id)},${line.toString().trimEnd()}]\n`,
    );
    try {
      fs.writeFileSync(whole, entries.join(''));
      fs.renameSync(whole, this.file);
    } catch (error) {
      fs.rmSync(whole, { force: true });
      throw error;
    }
    // At least as long as what is pending, or it would be written anew with every line.
    this.bytes = 0;
    return fs.openSync(this.file, 'a');
  }
}

/** Ids of the requests whose records a gateway on this folder still has, running or not. */
export function undeliveredRequests(folder: string): ReadonlySet<string> {
  return new Set(readPending(folder).keys());
}

function readPending(folder: string): Map<string, Buffer> {
  const pending = new Map<string, Buffer>();
  for (const line of textOf(path.join(folder, FILE)).split('\n')) {
    const entry = parsed(line);
    if (entry === undefined) continue;
    if (entry[0] === 'delivered') for (const id of entry.slice(1)) pending.delete(String(id));
    else pending.set(entry[1], lineOf(entry[2]));
  }
  return pending;
}

/** A last line that was cut off counts for nothing. */
function parsed(line: string): Entry | undefined {
  try {
    return JSON.parse(line) as Entry;
  } catch {
    return undefined;
  }
}

function textOf(file: string): string {
  try {
    return fs.readFileSync(file, 'utf8');
  } catch (error) {
    if (['ENOENT', 'ENOTDIR'].includes((error as NodeJS.ErrnoException).code ?? '')) return '';
    throw error;
  }
}

function lineOf(record: EdgeRecord): Buffer {
  return Buffer.from(`${JSON.stringify(record)}\n`);
}
