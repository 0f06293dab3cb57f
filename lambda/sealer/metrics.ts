import { SEALER_METRICS } from '../../lib/ledger/seal/settings';

/** What one invocation did, in numbers; what it has nothing to say of is left out. */
export type SealerFigures = Partial<Record<keyof typeof SEALER_METRICS, number>>;

/**
 * A line of the log that CloudWatch makes metrics of.
 *
 * @param time epoch milliseconds
 * @see https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html
 */
export function metricLine(namespace: string, time: number, figures: SealerFigures): string {
  const values: Record<string, number> = {};
  for (const [figure, value] of Object.entries(figures)) {
    values[SEALER_METRICS[figure as keyof typeof SEALER_METRICS]] = value;
  }
  const metrics = Object.keys(values).map((Name) => ({ Name, Unit: Name === SEALER_METRICS.sealLag ? 'Seconds' : 'Count' })); // prettier-ignore
  return JSON.stringify({
    _aws: { Timestamp: time, CloudWatchMetrics: [{ Namespace: namespace, Dimensions: [[]], Metrics: metrics }] },
    ...values,
  });
}
