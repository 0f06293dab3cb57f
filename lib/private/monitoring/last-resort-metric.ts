import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import * as logs from 'aws-cdk-lib/aws-logs';
import type { Construct } from 'constructs';
import { LAST_RESORT_MARK } from '../../event/last-resort';
import { PERIOD } from './alarms';

/**
 * Part 1 of an event that no sink took. The line is JSON of its own in a function's log with text format, which is what
 * the proxy function has; where somebody sets JSON format, it is the `message` of what Lambda writes.
 */
const FIRST_PART = logs.FilterPattern.any(firstPart('$'), firstPart('$.message'));

function firstPart(at: string): logs.JsonPattern {
  return logs.FilterPattern.all(
    logs.FilterPattern.stringValue(`${at}.type`, '=', LAST_RESORT_MARK),
    logs.FilterPattern.numberValue(`${at}.part`, '=', 1),
  );
}

/** How many events took the last resort, over all these logs. */
export function lastResortMetric(
  scope: Construct,
  logGroups: readonly logs.ILogGroup[],
  metricNamespace: string,
): cloudwatch.Metric {
  const metricName = 'LastResortEvents';
  logGroups.forEach((logGroup, index) => {
    new logs.MetricFilter(scope, `LastResort${index}`, {
      logGroup,
      metricNamespace,
      metricName,
      metricValue: '1',
      filterPattern: FIRST_PART,
    });
  });
  return new cloudwatch.Metric({
    namespace: metricNamespace,
    metricName,
    statistic: cloudwatch.Stats.SUM,
    period: PERIOD,
    label: 'Events of the last resort',
  });
}
