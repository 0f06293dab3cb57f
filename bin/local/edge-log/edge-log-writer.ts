import type { EdgeRecord } from '../../../lib/edge-log/record';
import type { EdgeLog } from '../gateway/edge-log';
import { MAX_BATCH_BYTES, MAX_BATCH_RECORDS, putRecordBatch } from './put-record-batch';

export interface EdgeLogWriterOptions {
  /** Port of the delivery stream on 127.0.0.1. */
  readonly port: number;
  /** Name of the edge log's stream. */
  readonly stream: string;
  /** For people: one line each. */
  readonly warn: (line: string) => void;
  /**
   * Most bytes of records that wait to be delivered; records beyond are dropped and counted.
   *
   * @default 32 MiB, some 50,000 records
   */
  readonly maxBytes?: number;
}

const DEFAULT_MAX_BYTES = 32 * 1024 * 1024;

/** How long a record waits for others, in milliseconds. */
const LINGER_MS = 50;

/** Pauses between tries, in milliseconds. */
const FIRST_PAUSE_MS = 100;
const MAX_PAUSE_MS = 1_000;

/**
 * Brings the gateway's records to the delivery stream, a batch at a time and behind the requests' backs. A stream that
 * does not answer is tried until it does. Like API Gateway's own access log, it may lose records: of a gateway that is
 * killed, and beyond the memory that they may take. What is dropped is counted and told.
 */
export class EdgeLogWriter implements EdgeLog {
  private waiting: Buffer[] = [];
  private waitingBytes = 0;
  private dropped = 0;
  private sending: Promise<void> | undefined;
  /** Ends the pause before the next try. */
  private wake: () => void = () => undefined;
  private closing = false;
  private abandoned = false;

  constructor(private readonly options: EdgeLogWriterOptions) {}

  write(record: EdgeRecord): void {
    const line = Buffer.from(`${JSON.stringify(record)}\n`);
    if (this.waitingBytes + line.length > (this.options.maxBytes ?? DEFAULT_MAX_BYTES)) {
      if (this.dropped === 0) this.options.warn('edge log: too many records wait for the delivery stream; dropping');
      this.dropped += 1;
      return;
    }
    this.waiting.push(line);
    this.waitingBytes += line.length;
    this.sending ??= this.sendAll().finally(() => (this.sending = undefined));
  }

  /**
   * Delivers what waits. To be called when no record comes any more.
   *
   * @param patienceMs how long a delivery stream that does not answer is tried.
   * @returns whether every record was delivered.
   */
  async close(patienceMs = 10_000): Promise<boolean> {
    this.closing = true;
    this.wake();
    const patience = setTimeout(() => {
      this.abandoned = true;
      this.wake();
    }, patienceMs);
    await this.sending;
    clearTimeout(patience);
    const lost = this.dropped + this.waiting.length;
    if (lost > 0) this.options.warn(`edge log: ${lost} ${lost === 1 ? 'record' : 'records'} could not be delivered`);
    return lost === 0;
  }

  private async sendAll(): Promise<void> {
    let failures = 0;
    if (!this.closing) await this.pause(LINGER_MS);
    while (this.waiting.length > 0 && !this.abandoned) {
      const delivered = await this.sendOne(failures === 0);
      failures = delivered ? 0 : failures + 1;
      if (failures > 0) await this.pause(Math.min(FIRST_PAUSE_MS * 2 ** (failures - 1), MAX_PAUSE_MS));
    }
  }

  /** @returns whether the whole batch was taken. */
  private async sendOne(tell: boolean): Promise<boolean> {
    const { port, stream, warn } = this.options;
    const batch = this.takeBatch();
    try {
      const refused = await putRecordBatch(port, stream, batch);
      this.putBack(refused);
      return refused.length === 0;
    } catch (error) {
      this.putBack(batch);
      if (tell) warn(`edge log: the delivery stream takes no records, trying again: ${(error as Error).message}`);
      return false;
    }
  }

  private takeBatch(): Buffer[] {
    let bytes = 0;
    let count = 0;
    for (const line of this.waiting) {
      if (count === MAX_BATCH_RECORDS || (bytes += line.length) > MAX_BATCH_BYTES) break;
      count += 1;
    }
    return this.waiting.splice(0, count);
  }

  /** What was taken counts for the memory until it is delivered. */
  private putBack(undelivered: readonly Buffer[]): void {
    this.waiting.unshift(...undelivered);
    this.waitingBytes = this.waiting.reduce((sum, { length }) => sum + length, 0);
  }

  private async pause(milliseconds: number): Promise<void> {
    if (this.abandoned) return;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, milliseconds);
      this.wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }
}
