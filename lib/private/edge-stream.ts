import { Fn, Names } from 'aws-cdk-lib';
import type * as glue from 'aws-cdk-lib/aws-glue';
import * as firehose from 'aws-cdk-lib/aws-kinesisfirehose';
import type { Construct, IConstruct } from 'constructs';
import { EDGE_TIME_FIELD, type ApiKind } from '../edge-log/record';
import { EDGE_STREAM_PREFIX } from '../edge-log/stream';
import { EDGE_ERRORS_PREFIX, EDGE_PREFIX } from '../event/keys';
import { stackGuid } from './names';
import { ParquetStream, type DeliveryProps } from './parquet-stream';

export interface EdgeStreamProps extends DeliveryProps {
  readonly table: glue.CfnTable;
  /** The kind of API whose log it takes: a stream that unpacks what CloudWatch Logs sends takes nothing else. */
  readonly kind: ApiKind;
}

/** What a stream's name may have, and what the first group of a GUID takes of it. */
const LONGEST_NAME = 64;
const GROUP_LENGTH = 8;

/**
 * A delivery stream that turns the edge log into Parquet under `edge/`, partitioned by when the request arrived. What it
 * cannot convert goes to `errors/edge/`, raw.
 */
export class EdgeStream extends ParquetStream {
  constructor(scope: Construct, id: string, { kind, ...props }: EdgeStreamProps) {
    super(scope, id, {
      ...props,
      streamName: edgeStreamName(scope, kind),
      prefix: EDGE_PREFIX,
      errorsPrefix: EDGE_ERRORS_PREFIX,
      timeQuery: `.${EDGE_TIME_FIELD}|tonumber`,
      unpacking: kind === 'httpApi' ? fromCloudWatchLogs() : [],
      encryption: encryptionFor(kind, props),
    });
  }
}

/**
 * What CloudWatch Logs sends is compressed, with several lines in one record. Firehose takes at most 500 lines out of one;
 * a record with more goes to `errors/edge/` whole.
 *
 * @see https://docs.aws.amazon.com/firehose/latest/dev/writing-with-cloudwatch-logs-decompression.html
 * @see https://docs.aws.amazon.com/firehose/latest/dev/dynamic-partitioning-multirecord-deaggergation.html
 */
function fromCloudWatchLogs(): firehose.IDataProcessor[] {
  return [
    new firehose.DecompressionProcessor(),
    new firehose.CloudWatchLogProcessor({ dataMessageExtraction: true }),
    firehose.RecordDeAggregationProcessor.json(),
  ];
}

/**
 * Who puts records into a stream under a key of the account needs that key too. API Gateway writes with its service-linked
 * role, which may use none; so that stream is encrypted with a key of Firehose's own, and the objects with the trail's.
 *
 * @see https://docs.aws.amazon.com/firehose/latest/dev/encryption.html
 */
function encryptionFor(kind: ApiKind, { key }: DeliveryProps): firehose.StreamEncryption {
  return kind === 'httpApi'
    ? firehose.StreamEncryption.customerManagedKey(key)
    : firehose.StreamEncryption.awsOwnedKey();
}

/** Free also where an earlier stack of the same name has left its stream behind. */
function edgeStreamName(scope: IConstruct, kind: ApiKind): string {
  const end = `-${kind.toLowerCase()}-`;
  const maxLength = LONGEST_NAME - EDGE_STREAM_PREFIX.length - end.length - GROUP_LENGTH;
  return `${EDGE_STREAM_PREFIX}${Names.uniqueResourceName(scope, { maxLength })}${end}${Fn.select(0, Fn.split('-', stackGuid()))}`;
}
