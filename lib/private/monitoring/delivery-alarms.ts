import type { Duration } from 'aws-cdk-lib';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import type * as firehose from 'aws-cdk-lib/aws-kinesisfirehose';
import { Construct } from 'constructs';
import { PERIOD, silentAlarm, type Alarms } from './alarms';

export interface DeliveryAlarmsProps {
  readonly stream: firehose.IDeliveryStream;
  readonly deliveryLagLimit: Duration;
  readonly alarms: Alarms;
}

/** For how many periods on end something must hold that can come by chance in one. */
const PERSISTENT = 3;

/** Firehose keeps what it cannot deliver for a day; then it is lost. */
const FIREHOSE_KEEPS_SECONDS = 24 * 60 * 60;

/**
 * What can go wrong between an acknowledgement and the object in the bucket, for one delivery stream.
 *
 * @see https://docs.aws.amazon.com/firehose/latest/dev/monitoring-with-cloudwatch-metrics.html
 */
export class DeliveryAlarms extends Construct {
  constructor(scope: Construct, id: string, { stream, deliveryLagLimit, alarms }: DeliveryAlarmsProps) {
    super(scope, id);
    const sum = (name: string) => stream.metric(name, { statistic: cloudwatch.Stats.SUM, period: PERIOD });

    alarms.add(
      this,
      'Throttled',
      sum('ThrottledRecords'),
      { name: 'Throttled', what: 'a delivery stream refuses records because its quota is used up' },
      { periods: PERSISTENT },
    );
    alarms.add(
      this,
      'DeliveryLag',
      freshness(stream),
      { name: 'DeliveryLag', what: 'a delivery stream holds records for longer than it should' },
      { threshold: deliveryLagLimit.toSeconds() },
    );
    this.addDeliveryBlocked(stream, alarms);
    alarms.add(this, 'ConversionFailed', sum('FailedConversion.Records'), {
      name: 'ConversionFailed',
      what: 'a delivery stream could not convert records to Parquet; they lie under errors/',
    });
    alarms.add(
      this,
      'TooManyPartitions',
      stream.metric('PartitionCountExceeded', { statistic: cloudwatch.Stats.MAXIMUM, period: PERIOD }),
      {
        name: 'TooManyPartitions',
        what: 'a delivery stream gets records of more hours at once than it can keep apart; the others lie under errors/',
      },
    );
    alarms.add(this, 'KeyUnusable', keyFailures(stream), {
      name: 'KeyUnusable',
      what: 'a delivery stream cannot use the key of the trail; what it holds is lost after 24 hours',
    });
  }

  /**
   * While nothing at all can be delivered, Firehose does not say how old its records are, as it does not when there are
   * none. So silence counts only while records keep coming in.
   */
  private addDeliveryBlocked(stream: firehose.IDeliveryStream, alarms: Alarms): void {
    const text = (what: string) => ({ name: 'DeliveryBlocked', what });
    alarms.addAllOf(
      this,
      'DeliveryBlocked',
      text('records come in, and a delivery stream delivers none; what it holds is lost after 24 hours'),
      silentAlarm(
        this,
        'Arriving',
        stream.metric('IncomingRecords', { statistic: cloudwatch.Stats.SUM, period: PERIOD }),
        text('records come in, which is good by itself'),
        { periods: PERSISTENT },
      ),
      silentAlarm(
        this,
        'Silent',
        freshness(stream),
        text('nothing is delivered, which is good while nothing comes in'),
        {
          periods: PERSISTENT,
          threshold: FIREHOSE_KEEPS_SECONDS,
          missing: cloudwatch.TreatMissingData.BREACHING,
        },
      ),
    );
  }
}

/** Age of the oldest record that is not delivered, in seconds. */
export function freshness(stream: firehose.IDeliveryStream): cloudwatch.Metric {
  return stream.metric('DeliveryToS3.DataFreshness', { statistic: cloudwatch.Stats.MAXIMUM, period: PERIOD });
}

function keyFailures(stream: firehose.IDeliveryStream): cloudwatch.MathExpression {
  const metric = (name: string) => stream.metric(name, { statistic: cloudwatch.Stats.SUM, period: PERIOD });
  return new cloudwatch.MathExpression({
    // SUM over a list takes what is there; `+` would give nothing where one is missing.
    expression: 'SUM([denied, disabled, invalid, missing])',
    label: 'Failures to use the key',
    period: PERIOD,
    usingMetrics: {
      denied: metric('KMSKeyAccessDenied'),
      disabled: metric('KMSKeyDisabled'),
      invalid: metric('KMSKeyInvalidState'),
      missing: metric('KMSKeyNotFound'),
    },
  });
}
