import { partitionOf, type Partition } from '../../../lib/event/keys';
import { JsonNumber, JsonSyntaxError, parseDocuments, type JsonValue } from './json';

/**
 * Firehose's dynamic partitioning as the trail's streams have it: a jq expression takes the time out of the record as
 * it came (before names are lower-cased) and writes it as dt and hour. Each record must be one JSON document, since the
 * streams have no de-aggregation processor; what is no JSON at all fails here, before conversion sees it.
 *
 * @see https://docs.aws.amazon.com/firehose/latest/dev/dynamic-partitioning.html
 */

export class PartitioningError extends Error {
  override readonly name = 'PartitioningError';
  constructor(
    readonly code: `DynamicPartitioning.${'MetadataExtractionFailed' | 'ActivePartitionsLimitExceeded'}`,
    message: string,
  ) {
    super(message);
  }
}

/** Where a record has its time, in epoch milliseconds. */
export interface PartitionKey {
  readonly field: string;
  /** Whether the number may stand in a string: jq's `tonumber` takes either. */
  readonly isText: boolean;
}

/**
 * Reads a record as far as its partition.
 *
 * @throws PartitioningError if it is not one JSON document, or has no usable time.
 */
export function partitionRecord(
  data: Uint8Array,
  key: PartitionKey,
): { documents: readonly JsonValue[]; partition: Partition } {
  const documents = readDocuments(data);
  const [document] = documents;
  if (documents.length !== 1 || document === undefined) throw failed('Non JSON record provided');
  const time = document instanceof Map ? document.get(key.field) : undefined;
  if (time === undefined || time === null) throw failed('partitionKeys values must not be null or empty');
  const text = numberText(time, key);
  const milliseconds = Math.floor(Number(text));
  if (!(milliseconds >= YEAR_0 && milliseconds < YEAR_10000)) throw failed(`${key.field} ${text} is out of range`);
  return { documents, partition: partitionOf(milliseconds) };
}

function numberText(value: JsonValue, { field, isText }: PartitionKey): string {
  if (value instanceof JsonNumber) return value.text;
  if (isText && typeof value === 'string' && /^-?\d+(\.\d+)?$/.test(value)) return value;
  throw failed(`${field} must be a number of milliseconds`);
}

function readDocuments(data: Uint8Array): readonly JsonValue[] {
  try {
    return parseDocuments(data);
  } catch (error) {
    if (error instanceof JsonSyntaxError) throw failed(`Non JSON record provided. ${error.message}`);
    throw error;
  }
}

/** Bounds of the dates that YYYY-MM-DD can write. */
const YEAR_0 = Date.parse('0000-01-01T00:00:00Z');
const YEAR_10000 = Date.parse('9999-12-31T23:59:59.999Z') + 1;

function failed(message: string): PartitioningError {
  return new PartitioningError('DynamicPartitioning.MetadataExtractionFailed', message);
}
