import type { EdgeRecord } from '../../../lib/edge-log/record';
import type { EdgeLog } from '../gateway/edge-log';
import type { EdgeJournal, PendingRecord } from './edge-journal';
import { MAX_BATCH_BYTES, MAX_BATCH_RECORDS, putRecordBatch } from './put-record-batch';

export interface EdgeLogWriterOptions {
  /** Port of the delivery stream on 127.0.0.1. */
  readonly port: number;
  /** Name of the edge log's stream. */
  readonly stream: string;
  /**
   * Keeps the records until they are delivered, and what an earlier gateway left.
   *
   * @default records of a gateway that is killed are lost
   */
  readonly kept?: { readonly journal: EdgeJournal; readonly left: readonly PendingRecord[] };
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
 * does not answer is tried until it does. A journal keeps what is not delivered for the next start. Like API Gateway's own
 * access log, it may lose records: those beyond the memory that they may take. What is dropped is counted and told.
 */
export class EdgeLogWriter implements EdgeLog {
  private waiting: PendingRecord[] = [];
  private waitingBytes = 0;
  private dropped = 0;
  private sending: Promise<void> | undefined;
  /** Ends the pause before the next try. */
  private wake: () => void = () => undefined;
  private closing = false;
  private abandoned = false;
  private hasWarned = false;
  private isClosed = false;

  constructor(private readonly options: EdgeLogWriterOptions) {
    for (const record of options.kept?.left ?? []) this.add(record);
  }

  begin(record: EdgeRecord): void {
    this.keep((journal) => journal.begin(idOf(record), record));
  }

  write(record: EdgeRecord): void {
    const id = idOf(record);
    this.keep((journal) => journal.end(id, record));
    this.add({ id, line: Buffer.from(`${JSON.stringify(record)}\n`) });
  }

  private add(record: PendingRecord): void {
    const { id, line } = record;
    if (this.waitingBytes + line.length > (this.options.maxBytes ?? DEFAULT_MAX_BYTES)) {
      if (this.dropped === 0) this.options.warn('edge log: too many records wait for the delivery stream; dropping');
      this.dropped += 1;
      this.keep((journal) => journal.forget([id]));
      return;
    }
    this.waiting.push(record);
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
    if (lost > 0) {
      const later = this.options.kept !== undefined && this.waiting.length > 0 ? '; they follow at the next start' : '';
      this.options.warn(`edge log: ${lost} ${lost === 1 ? 'record' : 'records'} could not be delivered${later}`);
    }
    this.keep((journal) => journal.close());
    this.isClosed = true;
    return lost === 0;
  }

  /** A journal that cannot be written (a full disk) keeps no request from its answer. */
  private keep(work: (journal: EdgeJournal) => void): void {
    const { kept, warn } = this.options;
    if (kept === undefined || this.isClosed) return;
    try {
      work(kept.journal);
      if (!this.hasWarned || !kept.journal.isWhole) return;
      warn('edge log: its journal is written again');
      this.hasWarned = false;
    } catch (error) {
      if (!this.hasWarned) warn(`edge log: its journal cannot be written: ${(error as Error).message}`);
      this.hasWarned = true;
    }
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
      const lines = batch.map(({ line }) => line);
      const refused = new Set(await putRecordBatch(port, stream, lines));
      this.putBack(batch.filter(({ line }) => refused.has(line)));
      const taken = batch.filter(({ line }) => !refused.has(line)).map(({ id }) => id);
      if (taken.length > 0) this.keep((journal) => journal.forget(taken));
      return refused.size === 0;
    } catch (error) {
      this.putBack(batch);
      if (tell) warn(`edge log: the delivery stream takes no records, trying again: ${(error as Error).message}`);
      return false;
    }
  }

  private takeBatch(): PendingRecord[] {
    let bytes = 0;
    let count = 0;
    for (const { line } of this.waiting) {
      if (count === MAX_BATCH_RECORDS || (bytes += line.length) > MAX_BATCH_BYTES) break;
      count += 1;
    }
    return this.waiting.splice(0, count);
  }

  /** What was taken counts for the memory until it is delivered. */
  private putBack(undelivered: readonly PendingRecord[]): void {
    this.waiting.unshift(...undelivered);
    this.waitingBytes = this.waiting.reduce((sum, { line }) => sum + line.length, 0);
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

/** Every request has one, and no two the same. */
function idOf(record: EdgeRecord): string {
  return record.extended_request_id ?? '';
}
