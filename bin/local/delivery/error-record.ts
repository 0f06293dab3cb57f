import { destinationOf } from './destination';
import { ConversionError } from './openx';
import { PartitioningError } from './partition';
import type { StreamRecord } from './segment';

/**
 * The records that Firehose writes under the error prefix: what came, in base64, and why it could not be delivered.
 *
 * @see https://docs.aws.amazon.com/firehose/latest/dev/record-format-conversion-error-handling.html
 * @see https://docs.aws.amazon.com/firehose/latest/dev/data-transformation-failure-handling.html
 */

/** Why a record cannot be delivered. */
export type RecordError = ConversionError | PartitioningError;

/**
 * What `!{firehose:error-output-type}` stands for in the error prefix. For records beyond the limit of active
 * partitions AWS does not say; they have a type of their own here.
 */
export type ErrorOutputType =
  'format-conversion-failed' | 'metadata-extraction-failed' | 'active-partitions-limit-exceeded';

export function errorOutputType(error: RecordError): ErrorOutputType {
  if (error instanceof ConversionError) return 'format-conversion-failed';
  return error.code === 'DynamicPartitioning.MetadataExtractionFailed'
    ? 'metadata-extraction-failed'
    : 'active-partitions-limit-exceeded';
}

/** The Glue tables of the local trail, as error records name them. */
const DATA_CATALOG = { catalogId: '000000000000', databaseName: 'local', region: 'local', versionId: 'LATEST' };

/**
 * One line of an error object.
 *
 * @param sequenceNumber the record's id.
 * @param ended when delivery was tried, epoch milliseconds; the same again when it is tried anew, so that the object
 * has the same bytes.
 */
export function errorLine(record: StreamRecord, sequenceNumber: string, error: RecordError, ended: number): string {
  const common = { attemptsMade: 1, arrivalTimestamp: record.arrival };
  const rest = { attemptEndingTimestamp: ended, rawData: record.data.toString('base64') };
  const line =
    error instanceof ConversionError
      ? {
          ...common,
          lastErrorCode: error.code,
          lastErrorMessage: error.message,
          ...rest,
          sequenceNumber,
          subSequenceNumber: null,
          dataCatalogTable: { ...DATA_CATALOG, tableName: destinationOf(record.stream).tableName },
        }
      : { ...common, errorCode: error.code, errorMessage: error.message, ...rest };
  return JSON.stringify(line) + '\n';
}
