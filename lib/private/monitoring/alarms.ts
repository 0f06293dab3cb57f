import { Duration } from 'aws-cdk-lib';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions';
import type * as sns from 'aws-cdk-lib/aws-sns';
import type { Construct } from 'constructs';

/** Metrics are looked at in steps of this length. */
export const PERIOD = Duration.minutes(5);

export interface AlarmText {
  /** As in docs/operations.md, which says what to do. */
  readonly name: string;
  /** What has happened, in one clause. */
  readonly what: string;
}

export interface AlarmLimits {
  /** Rings at this value and above; default 1. */
  readonly threshold?: number;
  /** For how many periods on end; default 1. */
  readonly periods?: number;
  /** Within how many; default `periods`. Longer where a metric comes late, as Lambda's of long invocations. */
  readonly within?: number;
  /** What a period without data counts as; default: good, since most of these metrics exist only when something is wrong. */
  readonly missing?: cloudwatch.TreatMissingData;
}

/** Makes alarms that tell one topic, and keeps a list of those that do. */
export class Alarms {
  readonly told: cloudwatch.AlarmBase[] = [];

  constructor(private readonly topic: sns.ITopic) {}

  /** Rings by itself. */
  add(scope: Construct, id: string, metric: cloudwatch.IMetric, text: AlarmText, limits: AlarmLimits = {}): void {
    this.tell(silentAlarm(scope, id, metric, text, limits));
  }

  /** Rings while all of the given ones are in alarm, which do not ring by themselves. */
  addAllOf(scope: Construct, id: string, text: AlarmText, ...parts: cloudwatch.IAlarm[]): void {
    this.tell(
      new cloudwatch.CompositeAlarm(scope, id, {
        alarmDescription: describe(text),
        alarmRule: cloudwatch.AlarmRule.allOf(
          ...parts.map((part) => cloudwatch.AlarmRule.fromAlarm(part, cloudwatch.AlarmState.ALARM)),
        ),
      }),
    );
  }

  private tell(alarm: cloudwatch.AlarmBase): void {
    alarm.addAlarmAction(new SnsAction(this.topic));
    this.told.push(alarm);
  }
}

/** An alarm without an action, as a part of another one. */
export function silentAlarm(
  scope: Construct,
  id: string,
  metric: cloudwatch.IMetric,
  text: AlarmText,
  limits: AlarmLimits,
): cloudwatch.Alarm {
  const { threshold = 1, periods = 1, within = periods, missing = cloudwatch.TreatMissingData.NOT_BREACHING } = limits;
  return new cloudwatch.Alarm(scope, id, {
    metric,
    alarmDescription: describe(text),
    comparisonOperator: cloudwatch.ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
    threshold,
    evaluationPeriods: within,
    ...(within > periods && { datapointsToAlarm: periods }),
    treatMissingData: missing,
  });
}

/** The name stands first, so that a message can be looked up. */
function describe({ name, what }: AlarmText): string {
  return `${name}: ${what}. What to do: docs/operations.md of cdk-audit-proxy.`;
}
