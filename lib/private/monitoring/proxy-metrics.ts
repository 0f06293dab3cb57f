import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import type * as lambda from 'aws-cdk-lib/aws-lambda';
import type { AccessProxy } from '../../access-proxy';
import { FUNCTION_DIMENSION, PROXY_METRIC_NAMESPACE, PROXY_METRICS } from '../../routing/proxy-metrics';
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

/** What Lambda says about a function of an access proxy, and what it counts itself. */
export interface FunctionMetrics {
  /** The function's own run: until its answer, or where answers are streamed until the outcome is recorded too. */
  duration(statistic: string): cloudwatch.Metric;
  /** How long the environment is held after the answer, for the outcome. */
  held(statistic: string): cloudwatch.Metric;
  /** How many environments are busy at once, at most. */
  readonly atOnce: cloudwatch.Metric;
  readonly errors: cloudwatch.Metric;
  readonly throttles: cloudwatch.Metric;
  readonly circuitOpened: cloudwatch.Metric;
  readonly answersBrokenOff: cloudwatch.Metric;
}

/** @see https://docs.aws.amazon.com/lambda/latest/dg/monitoring-metrics-types.html */
export function functionMetrics(handler: lambda.IFunction): FunctionMetrics {
  const metric = (name: string, statistic: string, label: string) =>
    handler.metric(name, { statistic, period: PERIOD, label });
  const counted = { statistic: cloudwatch.Stats.SUM, period: PERIOD };
  const own = (metricName: string, label: string) =>
    new cloudwatch.Metric({
      ...counted,
      namespace: PROXY_METRIC_NAMESPACE,
      metricName,
      dimensionsMap: { [FUNCTION_DIMENSION]: handler.functionName },
      label,
    });
  return {
    duration: (statistic) => metric('Duration', statistic, `Duration ${statistic}`),
    held: (statistic) => metric('PostRuntimeExtensionsDuration', statistic, `Held after the answer ${statistic}`),
    atOnce: metric('ConcurrentExecutions', cloudwatch.Stats.MAXIMUM, 'At once'),
    errors: handler.metricErrors(counted),
    throttles: handler.metricThrottles(counted),
    circuitOpened: own(PROXY_METRICS.circuitOpened, 'Circuits opened'),
    answersBrokenOff: own(PROXY_METRICS.answerBrokenOff, 'Broken off'),
  };
}
