import type * as glue from 'aws-cdk-lib/aws-glue';
import * as firehose from 'aws-cdk-lib/aws-kinesisfirehose';
import type { Construct } from 'constructs';
import { ERRORS_PREFIX, EVENTS_PREFIX } from '../event/keys';
import { ParquetStream, type DeliveryProps } from './parquet-stream';

export interface EventStreamProps extends DeliveryProps {
  readonly table: glue.CfnTable;
}

/**
 * A delivery stream that turns audit events into Parquet under `events/`, partitioned by the time of the event. What it
 * cannot convert goes to `errors/`, raw.
 */
export class EventStream extends ParquetStream {
  constructor(scope: Construct, id: string, props: EventStreamProps) {
    super(scope, id, {
      ...props,
      prefix: EVENTS_PREFIX,
      errorsPrefix: ERRORS_PREFIX,
      timeQuery: '.time',
      encryption: firehose.StreamEncryption.customerManagedKey(props.key),
    });
  }
}
