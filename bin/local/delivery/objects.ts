import { createHash } from 'node:crypto';
import { partitionOf, partitionPath } from '../../../lib/event/keys';
import { destinationOf } from './destination';
import { errorLine, errorOutputType } from './error-record';
import { convertDocuments, ConversionError, type Row } from './openx';
import { toParquet } from './parquet';
import { PartitioningError, partitionRecord } from './partition';
import type { StreamRecord } from './segment';

export interface ObjectLimits {
  /** Most rows of one object. */
  readonly rows: number;
  /** Most partitions that a stream may have in one buffer; records beyond go to the error prefix. */
  readonly activePartitions: number;
}

/** Rows: half a second of work. Active partitions: Firehose's limit. */
const LIMITS: ObjectLimits = { rows: 4000, activePartitions: 500 };

/** A stream's configuration has one version here; Firehose counts it up with each change. */
export const STREAM_VERSION = '1';

/** An object to be stored. Its name is completed by `objectKey`. */
export interface DeliveryObject {
  /** Everything of the key before the random part, e.g. `events/dt=…/hour=…/audit-events-1-2026-11-24-07-00-00`. */
  readonly stem: string;
  readonly extension: '.parquet' | '';
  /** Owns its buffer, so that it can be handed from thread to thread. */
  readonly bytes: Uint8Array<ArrayBuffer>;
}

/**
 * Key of an object in Firehose's style: prefix, stream, version, time of arrival, a UUID. The UUID comes from the
 * segment, so that delivering a segment once more ends at the same key.
 *
 * @param attempt counts up where a key turns out to be taken by other bytes. Default: 0.
 */
export function objectKey(segment: string, ordinal: number, object: DeliveryObject, attempt = 0): string {
  const hash = createHash('sha256').update(`${segment}/${ordinal}/${attempt}`).digest('hex');
  const uuid = [hash.slice(0, 8), hash.slice(8, 12), `8${hash.slice(13, 16)}`, `a${hash.slice(17, 20)}`];
  return `${object.stem}-${uuid.join('-')}-${hash.slice(20, 32)}${object.extension}`;
}

/**
 * Turns the records of a segment into objects: what converts into its stream's table, by stream and partition, in order
 * of arrival; what does not, by stream and kind of error, under the error prefix. The same segment always gives the same objects.
 */
export function objectsOf(
  segment: string,
  records: readonly StreamRecord[],
  limits: ObjectLimits = LIMITS,
): DeliveryObject[] {
  const rows = new Groups<Row>();
  const errors = new Groups<string>();
  const partitions = new ActivePartitions(limits.activePartitions);
  const objects: DeliveryObject[] = [];
  const ended = records.at(-1)?.arrival ?? 0;

  records.forEach((record, index) => {
    const destination = destinationOf(record.stream);
    try {
      const { documents, partition } = partitionRecord(record.data, destination.partitionKey);
      const converted = convertDocuments(documents, destination.table);
      const prefix = destination.prefix + partitionPath(partition);
      partitions.enter(record.stream, prefix);
      const group = rows.of(record, prefix);
      group.items.push(...converted);
      if (group.items.length >= limits.rows) objects.push(parquetObject(rows.take(group)));
    } catch (error) {
      if (!(error instanceof ConversionError || error instanceof PartitioningError)) throw error;
      const partition = partitionPath(partitionOf(record.arrival));
      const prefix = `${destination.errorsPrefix}${errorOutputType(error)}/${partition}`;
      errors.of(record, prefix).items.push(errorLine(record, `${segment}-${index}`, error, ended));
    }
  });
  return [...objects, ...rows.all().map(parquetObject), ...errors.all().map(errorObject)];
}

interface Group<T> {
  readonly id: string;
  readonly stream: string;
  readonly stem: string;
  readonly items: T[];
}

/** What goes into one object each: the same stream, the same prefix. */
class Groups<T> {
  private readonly groups = new Map<string, Group<T>>();

  of({ stream, arrival }: StreamRecord, prefix: string): Group<T> {
    const id = `${prefix}${stream}`;
    let group = this.groups.get(id);
    if (group === undefined) {
      group = { id, stream, stem: `${id}-${STREAM_VERSION}-${timestamp(arrival)}`, items: [] };
      this.groups.set(id, group);
    }
    return group;
  }

  take(group: Group<T>): Group<T> {
    this.groups.delete(group.id);
    return group;
  }

  all(): Group<T>[] {
    return [...this.groups.values()];
  }
}

class ActivePartitions {
  private readonly ofStream = new Map<string, Set<string>>();

  constructor(private readonly limit: number) {}

  enter(stream: string, prefix: string): void {
    const active = this.ofStream.get(stream) ?? new Set();
    this.ofStream.set(stream, active);
    if (active.size >= this.limit && !active.has(prefix)) {
      throw new PartitioningError(
        'DynamicPartitioning.ActivePartitionsLimitExceeded',
        `more than ${this.limit} partitions at once`,
      );
    }
    active.add(prefix);
  }
}

function parquetObject({ stream, stem, items }: Group<Row>): DeliveryObject {
  return { stem, extension: '.parquet', bytes: toParquet(items, destinationOf(stream).table) };
}

function errorObject({ stem, items }: Group<string>): DeliveryObject {
  return { stem, extension: '', bytes: new TextEncoder().encode(items.join('')) };
}

/** `yyyy-MM-dd-HH-mm-ss`, UTC. */
function timestamp(time: number): string {
  return new Date(time).toISOString().slice(0, 19).replace(/[T:]/g, '-');
}
