import { RemovalPolicy, Size, type Duration } from 'aws-cdk-lib';
import type * as glue from 'aws-cdk-lib/aws-glue';
import * as firehose from 'aws-cdk-lib/aws-kinesisfirehose';
import type * as iam from 'aws-cdk-lib/aws-iam';
import type * as kms from 'aws-cdk-lib/aws-kms';
import type * as logs from 'aws-cdk-lib/aws-logs';
import type * as s3 from 'aws-cdk-lib/aws-s3';
import { Construct } from 'constructs';
import { ERRORS_PREFIX, EVENTS_PREFIX } from '../event/keys';

export interface EventStreamProps {
  readonly bucket: s3.IBucket;
  readonly key: kms.IKey;
  readonly table: glue.CfnTable;
  readonly role: iam.Role;
  readonly logGroup: logs.ILogGroup;
  readonly bufferingInterval: Duration;
}

/** The least that Firehose takes with record conversion and dynamic partitioning. */
const BUFFERING_SIZE = Size.mebibytes(64);

/**
 * A delivery stream that turns audit events into Parquet under `events/`, partitioned by the time of the event. What it
 * cannot convert goes to `errors/`, raw.
 */
export class EventStream extends Construct {
  readonly stream: firehose.DeliveryStream;

  constructor(scope: Construct, id: string, props: EventStreamProps) {
    super(scope, id);
    // Otherwise the L2 would give the role rights to delete objects and to change their retention.
    const role = props.role.withoutPolicyUpdates();
    this.stream = new firehose.DeliveryStream(this, 'Stream', {
      role,
      encryption: firehose.StreamEncryption.customerManagedKey(props.key),
      destination: new firehose.S3Bucket(props.bucket, {
        role,
        encryptionKey: props.key,
        dataOutputPrefix: `${EVENTS_PREFIX}dt=!{partitionKeyFromQuery:dt}/hour=!{partitionKeyFromQuery:hour}/`,
        errorOutputPrefix: `${ERRORS_PREFIX}!{firehose:error-output-type}/dt=!{timestamp:yyyy-MM-dd}/hour=!{timestamp:HH}/`,
        dynamicPartitioning: { enabled: true },
        processors: [
          // jq takes no operator as a value of an object unless it stands in parentheses.
          firehose.MetadataExtractionProcessor.jq16({
            dt: '(.time/1000|floor|strftime("%Y-%m-%d"))',
            hour: '(.time/1000|floor|strftime("%H"))',
          }),
        ],
        dataFormatConversion: {
          schemaConfiguration: firehose.SchemaConfiguration.fromCfnTable(props.table),
          inputFormat: firehose.InputFormat.OPENX_JSON,
          outputFormat: new firehose.ParquetOutputFormat({ compression: firehose.ParquetCompression.SNAPPY }),
        },
        bufferingInterval: props.bufferingInterval,
        bufferingSize: BUFFERING_SIZE,
        loggingConfig: new firehose.EnableLogging(props.logGroup),
      }),
    });
    // Who deletes a stream loses what it has acknowledged and not delivered yet.
    this.stream.applyRemovalPolicy(RemovalPolicy.RETAIN);
  }
}
