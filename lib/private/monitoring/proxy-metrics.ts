import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import type * as lambda from 'aws-cdk-lib/aws-lambda';
import type { AccessProxy } from '../../access-proxy';
import { PERIOD } from './alarms';

/** What API Gateway says about one access proxy. */
export interface ApiMetrics {
  readonly requests: cloudwatch.Metric;
  readonly serverErrors: cloudwatch.Metric;
  /** Refused at the edge or by the proxy, or 4xx of a service. */
  readonly clientErrors: cloudwatch.Metric;
  latency(statistic: string): cloudwatch.Metric;
}

export function apiMetrics({ restApi, httpApi }: AccessProxy): ApiMetrics {
  const api = restApi ?? httpApi;
  if (api === undefined) throw new Error('an access proxy has an API');
  const counted = { statistic: cloudwatch.Stats.SUM, period: PERIOD };
  return {
    requests: api.metricCount({ ...counted, label: 'Requests' }),
    serverErrors: api.metricServerError({ ...counted, label: '5xx' }),
    clientErrors: api.metricClientError({ ...counted, label: '4xx' }),
    latency: (statistic) => api.metricLatency({ statistic, period: PERIOD, label: `Latency ${statistic}` }),
  };
}

/** What Lambda says about a function of an access proxy. */
export interface FunctionMetrics {
  /** The function's own run: until its answer, or where answers are streamed until the outcome is recorded too. */
  duration(statistic: string): cloudwatch.Metric;
  /** How long the environment is held after the answer, for the outcome. */
  held(statistic: string): cloudwatch.Metric;
  /** How many environments are busy at once, at most. */
  readonly atOnce: cloudwatch.Metric;
}

/** @see https://docs.aws.amazon.com/lambda/latest/dg/monitoring-metrics-types.html */
export function functionMetrics(handler: lambda.IFunction): FunctionMetrics {
  const metric = (name: string, statistic: string, label: string) =>
    handler.metric(name, { statistic, period: PERIOD, label });
  return {
    duration: (statistic) => metric('Duration', statistic, `Duration ${statistic}`),
    held: (statistic) => metric('PostRuntimeExtensionsDuration', statistic, `Held after the answer ${statistic}`),
    atOnce: metric('ConcurrentExecutions', cloudwatch.Stats.MAXIMUM, 'At once'),
  };
}
