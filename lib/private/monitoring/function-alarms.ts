import { Duration } from 'aws-cdk-lib';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import type * as lambda from 'aws-cdk-lib/aws-lambda';
import type { Construct } from 'constructs';
import { FUNCTION_DIMENSION, PROXY_METRIC_NAMESPACE, PROXY_METRICS } from '../../routing/proxy-metrics';
import { PERIOD, type Alarms } from './alarms';
import { functionMetrics } from './proxy-metrics';

/** What Lambda allows a function unless it is told. */
const LAMBDA_DEFAULT_TIMEOUT = Duration.seconds(3);

/** At the least that must be left of the function's time limit, there is hardly any left for the outcome. */
const LEAST_LEFT_SHARE = 0.1;
/** Of a limit of minutes a tenth would be long, and a stream may well go on until its route ends it. */
const LEAST_LEFT_MS = 3_000;

/** What can go wrong with a function of an access proxy. @param name how texts call it */
export function functionAlarms(scope: Construct, handler: lambda.Function, name: string, alarms: Alarms): void {
  const metrics = functionMetrics(handler);
  const counted = { statistic: cloudwatch.Stats.SUM, period: PERIOD };
  const timeoutMs = (handler.timeout ?? LAMBDA_DEFAULT_TIMEOUT).toMilliseconds();

  alarms.add(scope, 'FunctionErrors', handler.metricErrors(counted), {
    name: 'FunctionErrors',
    what: `${name} crashed or ran out of time; requests may lack their outcome, or any event`,
  });
  alarms.add(scope, 'FunctionThrottles', handler.metricThrottles(counted), {
    name: 'FunctionThrottles',
    what: `Lambda did not run ${name} for requests, since its concurrency is used up`,
  });
  alarms.add(
    scope,
    'NearTimeout',
    new cloudwatch.MathExpression({
      // Both count against the time limit. SUM takes what is there: where there is no extension, nothing is held.
      expression: 'SUM([duration, held])',
      label: 'Duration and hold',
      period: PERIOD,
      usingMetrics: {
        duration: metrics.duration(cloudwatch.Stats.MAXIMUM),
        held: metrics.held(cloudwatch.Stats.MAXIMUM),
      },
    }),
    { name: 'NearTimeout', what: `${name} runs nearly as long as it may` },
    { threshold: timeoutMs - Math.min(LEAST_LEFT_SHARE * timeoutMs, LEAST_LEFT_MS) },
  );
  alarms.add(
    scope,
    'UpstreamCircuitOpened',
    new cloudwatch.Metric({
      ...counted,
      namespace: PROXY_METRIC_NAMESPACE,
      metricName: PROXY_METRICS.circuitOpened,
      dimensionsMap: { [FUNCTION_DIMENSION]: handler.functionName },
    }),
    {
      name: 'UpstreamCircuitOpened',
      what: 'a service behind the proxy failed many times in a row, and requests to it are refused for a while',
    },
  );
}
