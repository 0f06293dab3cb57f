import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import type { AccessProxy } from '../../access-proxy';
import { PERIOD } from './alarms';

/** What API Gateway and Lambda say about one access proxy. */
export interface ProxyMetrics {
  readonly requests: cloudwatch.Metric;
  readonly serverErrors: cloudwatch.Metric;
  /** Refused at the edge or by the proxy, or 4xx of a service. */
  readonly clientErrors: cloudwatch.Metric;
  latency(statistic: string): cloudwatch.Metric;
  /** The function's own run, until its answer. */
  duration(statistic: string): cloudwatch.Metric;
  /** How long the environment is held after the answer, for the outcome. */
  held(statistic: string): cloudwatch.Metric;
}

/** @see https://docs.aws.amazon.com/lambda/latest/dg/monitoring-metrics-types.html */
export function proxyMetrics({ restApi, httpApi, handler }: AccessProxy): ProxyMetrics {
  const api = restApi ?? httpApi;
  if (api === undefined) throw new Error('an access proxy has an API');
  const counted = { statistic: cloudwatch.Stats.SUM, period: PERIOD };
  return {
    requests: api.metricCount({ ...counted, label: 'Requests' }),
    serverErrors: api.metricServerError({ ...counted, label: '5xx' }),
    clientErrors: api.metricClientError({ ...counted, label: '4xx' }),
    latency: (statistic) => api.metricLatency({ statistic, period: PERIOD, label: `Latency ${statistic}` }),
    duration: (statistic) => handler.metricDuration({ statistic, period: PERIOD, label: `Duration ${statistic}` }),
    held: (statistic) =>
      handler.metric('PostRuntimeExtensionsDuration', {
        statistic,
        period: PERIOD,
        label: `Held after the answer ${statistic}`,
      }),
  };
}
