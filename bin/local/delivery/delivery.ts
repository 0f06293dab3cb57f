import { KeyConflictError, type ObjectStore } from '../locked-folder';
import type { Convert } from './conversion';
import { objectKey, type DeliveryObject } from './objects';
import type { StreamRecord } from './segment';
import type { SealedSegment, WriteAheadLog } from './write-ahead-log';

export interface DeliveryOptions {
  /** Longest time that a record waits for others, in milliseconds. */
  readonly bufferMs: number;
  /** Size of the buffer at which it is delivered before its time, in bytes. */
  readonly bufferBytes: number;
  /** Most bytes that may wait for delivery; puts are refused beyond. */
  readonly maxBacklogBytes: number;
}

/** Firehose's own least buffer for Parquet is 64 MiB; its least interval with dynamic partitioning is 60 s, not 1 s. */
export const DELIVERY_DEFAULTS: DeliveryOptions = {
  bufferMs: 1000,
  bufferBytes: 64 * 1024 * 1024,
  maxBacklogBytes: 512 * 1024 * 1024,
};

export interface DeliveryParts {
  readonly log: Pick<WriteAheadLog, 'append' | 'seal' | 'remove'>;
  readonly store: ObjectStore;
  readonly convert: Convert;
  /** For people: one line each. */
  readonly warn: (line: string) => void;
}

/** The stream takes no more records until delivery catches up. */
export class BacklogError extends Error {
  override readonly name = 'BacklogError';
}

/** Longest pause between two tries, in milliseconds. */
const MAX_PAUSE_MS = 5000;
const FIRST_PAUSE_MS = 100;
/** Names tried for an object whose key is taken by other bytes. */
const MAX_NAMES = 8;

/**
 * Takes records, acknowledges them once they are in the write-ahead log, and brings them to the object store a buffer
 * at a time. A segment leaves the log only after all of its objects are durable; what fails is tried until it works.
 */
export class Delivery {
  private timer: NodeJS.Timeout | undefined;
  /** Bytes in the open segment, and in segments that are not delivered yet. */
  private openBytes = 0;
  private backlogBytes = 0;
  private readonly queue: SealedSegment[];
  private running: Promise<void> | undefined;
  /** Ends the pause before the next try. */
  private wake: () => void = () => undefined;
  private abandoned = false;
  /** The segment whose objects are all durable, and which has only to leave the log. */
  private stored: SealedSegment | undefined;

  constructor(
    private readonly parts: DeliveryParts,
    private readonly options: DeliveryOptions,
    recovered: readonly SealedSegment[] = [],
  ) {
    this.queue = [...recovered];
    this.backlogBytes = recovered.reduce((sum, { bytes }) => sum + bytes, 0);
  }

  /** Begins to deliver what was recovered. */
  start(): void {
    this.run();
  }

  /**
   * Takes a record. Resolves with its id once it is durable.
   *
   * @throws BacklogError if too much is waiting for delivery; the write error if the log cannot be written.
   */
  async put(record: StreamRecord): Promise<string> {
    const bytes = record.data.length;
    if (this.openBytes + this.backlogBytes + bytes > this.options.maxBacklogBytes) {
      throw new BacklogError(`${this.backlogBytes} bytes wait for delivery`);
    }
    this.openBytes += bytes;
    const appended = this.parts.log.append(record);
    if (this.openBytes >= this.options.bufferBytes) void this.flush();
    else this.timer ??= setTimeout(() => void this.flush(), this.options.bufferMs);
    return appended;
  }

  /**
   * Delivers everything. To be called when no put is under way any more.
   *
   * @param patienceMs how long a failing store is tried.
   * @returns whether all was delivered; what was not stays in the log for the next start.
   */
  async drain(patienceMs: number): Promise<boolean> {
    const patience = setTimeout(() => {
      this.abandoned = true;
      this.wake();
    }, patienceMs);
    await this.flush();
    while (this.running !== undefined) await this.running;
    clearTimeout(patience);
    return this.queue.length === 0;
  }

  private async flush(): Promise<void> {
    clearTimeout(this.timer);
    this.timer = undefined;
    this.openBytes = 0;
    for (const segment of await this.parts.log.seal()) {
      this.queue.push(segment);
      this.backlogBytes += segment.bytes;
    }
    this.run();
  }

  private run(): void {
    this.running ??= this.deliverAll().finally(() => {
      this.running = undefined;
      // What was queued after the last look at the queue found delivery still running.
      if (this.queue.length > 0 && !this.abandoned) this.run();
    });
  }

  private async deliverAll(): Promise<void> {
    for (let [segment] = this.queue; segment !== undefined; [segment] = this.queue) {
      if (!(await this.deliverPatiently(segment))) return;
      this.queue.shift();
      this.backlogBytes -= segment.bytes;
    }
  }

  /** Tries until it works or drain's patience has ended. */
  private async deliverPatiently(segment: SealedSegment): Promise<boolean> {
    for (let pause = FIRST_PAUSE_MS; ; pause = Math.min(pause * 2, MAX_PAUSE_MS)) {
      try {
        await this.deliver(segment);
        return true;
      } catch (error) {
        this.parts.warn(`cannot deliver yet, ${segment.bytes} bytes stay in the log: ${String(error)}`);
      }
      if (this.abandoned) return false;
      await this.pause(pause);
      if (this.abandoned) return false;
    }
  }

  private async deliver(segment: SealedSegment): Promise<void> {
    if (this.stored !== segment) {
      const objects = await this.parts.convert(segment.name);
      for (const [ordinal, object] of objects.entries()) await this.store(segment, ordinal, object);
      this.stored = segment;
    }
    await this.parts.log.remove(segment.name);
  }

  private async store(segment: SealedSegment, ordinal: number, object: DeliveryObject): Promise<void> {
    for (let attempt = 0; ; attempt += 1) {
      const key = objectKey(segment.name, ordinal, object, attempt);
      try {
        return await this.parts.store.put(key, object.bytes);
      } catch (error) {
        // Possible where another version of this program delivered the segment and died before dropping it. Its
        // object stays; ours goes beside it, and readers see duplicates, as Firehose may give them.
        if (!(error instanceof KeyConflictError) || attempt + 1 >= MAX_NAMES) throw error;
        this.parts.warn(`${error.message}; delivering under another name`);
      }
    }
  }

  private pause(milliseconds: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, milliseconds);
      this.wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }
}
