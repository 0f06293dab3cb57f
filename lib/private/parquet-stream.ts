import { RemovalPolicy, Size, type Duration } from 'aws-cdk-lib';
import type * as glue from 'aws-cdk-lib/aws-glue';
import type * as iam from 'aws-cdk-lib/aws-iam';
import * as firehose from 'aws-cdk-lib/aws-kinesisfirehose';
import type * as kms from 'aws-cdk-lib/aws-kms';
import * as logs from 'aws-cdk-lib/aws-logs';
import type * as s3 from 'aws-cdk-lib/aws-s3';
import { Construct } from 'constructs';

/** Where a stream delivers to, and how. */
export interface DeliveryProps {
  readonly bucket: s3.IBucket;
  readonly key: kms.IKey;
  readonly role: iam.Role;
  readonly logGroup: logs.ILogGroup;
  readonly bufferingInterval: Duration;
}

export interface ParquetStreamProps extends DeliveryProps {
  /** Its columns are those of the Parquet. */
  readonly table: glue.CfnTable;
  /** What was converted lies under it, by `dt` and `hour`. */
  readonly prefix: string;
  /** What could not be converted lies under it, as it came, by the kind of error. */
  readonly errorsPrefix: string;
  /** The record's time in epoch milliseconds, as jq takes it from the record. */
  readonly timeQuery: string;
  /** What makes records of what comes in; nothing where each is one JSON object already. */
  readonly unpacking?: firehose.IDataProcessor[];
  /** Of what the stream holds until it is delivered. */
  readonly encryption: firehose.StreamEncryption;
  /** Default: CloudFormation finds one. */
  readonly streamName?: string;
}

/** The least that Firehose takes with record conversion and dynamic partitioning. */
const BUFFERING_SIZE = Size.mebibytes(64);

/** A delivery stream that turns JSON records into Parquet, partitioned by the time in the record, in UTC. */
export class ParquetStream extends Construct {
  readonly stream: firehose.DeliveryStream;

  constructor(scope: Construct, id: string, props: ParquetStreamProps) {
    super(scope, id);
    // Otherwise the L2 would give the role rights to delete objects and to change their retention.
    const role = props.role.withoutPolicyUpdates();
    const seconds = `${props.timeQuery}/1000|floor`;
    this.stream = new firehose.DeliveryStream(this, 'Stream', {
      ...(props.streamName === undefined ? {} : { deliveryStreamName: props.streamName }),
      role,
      encryption: props.encryption,
      destination: new firehose.S3Bucket(props.bucket, {
        role,
        encryptionKey: props.key,
        dataOutputPrefix: `${props.prefix}dt=!{partitionKeyFromQuery:dt}/hour=!{partitionKeyFromQuery:hour}/`,
        errorOutputPrefix: `${props.errorsPrefix}!{firehose:error-output-type}/dt=!{timestamp:yyyy-MM-dd}/hour=!{timestamp:HH}/`,
        dynamicPartitioning: { enabled: true },
        processors: [
          ...(props.unpacking ?? []),
          // jq takes no operator as a value of an object unless it stands in parentheses.
          firehose.MetadataExtractionProcessor.jq16({
            dt: `(${seconds}|strftime("%Y-%m-%d"))`,
            hour: `(${seconds}|strftime("%H"))`,
          }),
        ],
        dataFormatConversion: {
          schemaConfiguration: firehose.SchemaConfiguration.fromCfnTable(props.table),
          inputFormat: firehose.InputFormat.OPENX_JSON,
          outputFormat: new firehose.ParquetOutputFormat({ compression: firehose.ParquetCompression.SNAPPY }),
        },
        bufferingInterval: props.bufferingInterval,
        bufferingSize: BUFFERING_SIZE,
        // The L2 makes a log stream within the group that it is given, so several streams need one each.
        loggingConfig: new firehose.EnableLogging(
          logs.LogGroup.fromLogGroupArn(this, 'Log', props.logGroup.logGroupArn),
        ),
      }),
    });
    // Who deletes a stream loses what it has acknowledged and not delivered yet.
    this.stream.applyRemovalPolicy(RemovalPolicy.RETAIN);
  }
}
