import type { SealedEvent } from '../../../lib/event/chain';
import { ServiceError } from '../../aws/service-error';
import type { RecordBatches, TrailBucket } from '../aws/services';
import type { Destination, Replayed, Unrecovered } from '../recovery';
import { fitsRecord, recordBatches, recordOf, type StreamRecord } from './batches';
import { putFallback } from './bucket-fallback';
import { Hours } from './hours';
import { sendBatch, type Pace } from './send-batch';

export interface DeliveryStreamsOptions {
  readonly batches: RecordBatches;
  /** At least one. */
  readonly streams: readonly string[];
  /** Takes what is too large for a record. Absent: such events are not replayed. */
  readonly bucket?: Pick<TrailBucket, 'name' | 'putNew' | 'sha256'> | undefined;
  readonly pace: Pace;
}

/**
 * Delivery streams, and for what is too large for a record the bucket's `fallback/`. What the trail holds already cannot
 * be told from here: it is sent again, and readers drop it as a duplicate.
 */
export class DeliveryStreamsDestination implements Destination {
  readonly name: string;
  private readonly hours: Hours;

  constructor(private readonly options: DeliveryStreamsOptions) {
    this.name = options.streams.map((stream) => `delivery stream ${stream}`).join(', ');
    this.hours = new Hours(options.streams);
  }

  async replay(events: readonly SealedEvent[]): Promise<Replayed[]> {
    const replayed = new Map<SealedEvent, Replayed>();
    const toStreams = new Map<string, StreamRecord[]>(this.options.streams.map((stream) => [stream, []]));
    // By time, so that a batch touches few partitions.
    for (const record of [...events].sort((a, b) => a.event.time - b.event.time).map(recordOf)) {
      const { sealed } = record;
      if (!fitsRecord(record)) {
        replayed.set(sealed, await this.putLarge(record));
        continue;
      }
      const stream = this.hours.stream(sealed.event.time);
      if (stream === undefined) replayed.set(sealed, failed(sealed, TOO_MANY_HOURS));
      else toStreams.get(stream)?.push(record);
    }
    for (const [stream, records] of toStreams) await this.send(stream, records, replayed);
    return events.map((sealed) => replayed.get(sealed) ?? 'recovered');
  }

  close(): Promise<void> {
    return Promise.resolve();
  }

  private async send(
    stream: string,
    records: readonly StreamRecord[],
    replayed: Map<SealedEvent, Replayed>,
  ): Promise<void> {
    for (const batch of recordBatches(records)) {
      for (const { record, code } of await sendBatch(this.options.batches, stream, batch, this.options.pace)) {
        replayed.set(record.sealed, failed(record.sealed, `delivery stream ${stream} did not take it: ${code}`));
      }
    }
  }

  private async putLarge({ sealed, data }: StreamRecord): Promise<Replayed> {
    const { bucket } = this.options;
    if (bucket === undefined) {
      return failed(sealed, `${data.length} bytes are too many for a record: name the trail's bucket with --bucket`);
    }
    try {
      return await putFallback(bucket, sealed, data);
    } catch (error) {
      if (!ServiceError.is(error)) throw error;
      return failed(sealed, error.code === 'AccessDenied' ? `${error.message}; ${ONLY_WRITERS}` : error.message);
    }
  }
}

const TOO_MANY_HOURS =
  'its hour is one too many for the streams: recover again for what is left when these events are delivered, or name more streams';
const ONLY_WRITERS = "the bucket's policy lets nobody but the role of a writer write under fallback/";

function failed({ uid, fingerprint }: SealedEvent, detail: string): Unrecovered {
  return { problem: 'failed', uid, fingerprint, detail };
}
