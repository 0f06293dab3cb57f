import type { Duration } from 'aws-cdk-lib';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import { Construct } from 'constructs';
import type { AuditLedger } from '../../audit-ledger';
import { PERIOD, type Alarms } from './alarms';

export interface LedgerAlarmsProps {
  readonly ledger: AuditLedger;
  readonly sealLagLimit: Duration;
  readonly alarms: Alarms;
}

/** What can go wrong between an object in the bucket and its leaf in the ledger. */
export class LedgerAlarms extends Construct {
  constructor(scope: Construct, id: string, { ledger, sealLagLimit, alarms }: LedgerAlarmsProps) {
    super(scope, id);
    alarms.add(this, 'SealingStopped', ledger.metricSealingStopped(), {
      name: 'SealingStopped',
      what: 'the ledger is not as it must be, so nothing more is sealed or signed',
    });
    alarms.add(
      this,
      'SealLag',
      sealLag(ledger),
      { name: 'SealLag', what: 'an object has been in the bucket for longer than it should without being sealed' },
      { threshold: sealLagLimit.toSeconds() },
    );
    alarms.add(
      this,
      'Unsealed',
      ledger.deadLetterQueue.metricApproximateNumberOfMessagesVisible({
        statistic: cloudwatch.Stats.MAXIMUM,
        period: PERIOD,
      }),
      { name: 'Unsealed', what: 'objects could not be sealed for a day; their notices wait in the dead-letter queue' },
    );
    alarms.add(this, 'SealerErrors', ledger.sealer.metricErrors({ statistic: cloudwatch.Stats.SUM, period: PERIOD }), {
      name: 'SealerErrors',
      what: 'the sealer crashed or ran out of time; it tries again',
    });
    alarms.add(this, 'UnreadableObjects', ledger.metricObjectsUnreadable(), {
      name: 'UnreadableObjects',
      what: 'objects were sealed without their events, since these could not be read',
    });
    alarms.add(this, 'NoticesLost', ledger.metricNoticesLost(), {
      name: 'NoticesLost',
      what: 'nobody told the sealer of objects, which it found by looking, an hour later',
    });
  }
}

/**
 * Age of the oldest notice: of those that wait, and of those that were tried. SQS leaves out what has been tried several
 * times, and the sealer does not know of those that it was not given.
 */
export function sealLag(ledger: AuditLedger): cloudwatch.MathExpression {
  return new cloudwatch.MathExpression({
    // MAX over a list takes what is there.
    expression: 'MAX([waiting, tried])',
    label: 'Age of the oldest notice',
    period: PERIOD,
    usingMetrics: {
      waiting: ledger.queue.metricApproximateAgeOfOldestMessage({
        statistic: cloudwatch.Stats.MAXIMUM,
        period: PERIOD,
      }),
      tried: ledger.metricSealLag(),
    },
  });
}
