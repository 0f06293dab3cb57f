import { EDGE_TABLE, edgeRecordStruct } from '../../../lib/edge-log/columns';
import { EDGE_TIME_FIELD } from '../../../lib/edge-log/record';
import { EDGE_STREAM_PREFIX } from '../../../lib/edge-log/stream';
import type { StructField } from '../../../lib/event/field';
import { EDGE_ERRORS_PREFIX, EDGE_PREFIX, ERRORS_PREFIX, EVENTS_PREFIX } from '../../../lib/event/keys';
import { auditEventStruct } from '../../../lib/event/schema';
import type { PartitionKey } from './partition';

/** What a stream's records become. */
export interface Destination {
  /** Prefix of their keys. */
  readonly prefix: string;
  /** Prefix of what cannot be converted, as it came. */
  readonly errorsPrefix: string;
  /** Name of the table whose columns they have. */
  readonly tableName: string;
  readonly table: Pick<StructField, 'fields'>;
  readonly partitionKey: PartitionKey;
}

const events: Destination = {
  prefix: EVENTS_PREFIX,
  errorsPrefix: ERRORS_PREFIX,
  tableName: 'audit_events_raw',
  table: auditEventStruct,
  partitionKey: { field: 'time', isText: false },
};

const edgeLog: Destination = {
  prefix: EDGE_PREFIX,
  errorsPrefix: EDGE_ERRORS_PREFIX,
  tableName: EDGE_TABLE,
  table: edgeRecordStruct,
  // API Gateway writes every value as a string.
  partitionKey: { field: EDGE_TIME_FIELD, isText: true },
};

/** By the stream's name alone: what a write-ahead log holds goes the same way whoever delivers it. */
export function destinationOf(stream: string): Destination {
  return stream.startsWith(EDGE_STREAM_PREFIX) ? edgeLog : events;
}
