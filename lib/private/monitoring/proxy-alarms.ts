import { Duration } from 'aws-cdk-lib';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import { Construct } from 'constructs';
import type { AccessProxy } from '../../access-proxy';
import { FUNCTION_DIMENSION, PROXY_METRIC_NAMESPACE, PROXY_METRICS } from '../../routing/proxy-metrics';
import { PERIOD, type Alarms } from './alarms';
import { proxyMetrics } from './proxy-metrics';

export interface ProxyAlarmsProps {
  readonly access: AccessProxy;
  readonly serverErrorPercent: number;
  readonly alarms: Alarms;
}

/** Share of the function's time limit at which there is hardly any left for the outcome. */
const NEAR_TIMEOUT = 0.9;

/** What Lambda allows a function unless it is told. */
const LAMBDA_DEFAULT_TIMEOUT = Duration.seconds(3);

/** What can go wrong with the function and the API of one access proxy. */
export class ProxyAlarms extends Construct {
  constructor(scope: Construct, id: string, { access, serverErrorPercent, alarms }: ProxyAlarmsProps) {
    super(scope, id);
    const { handler } = access;
    const metrics = proxyMetrics(access);
    const counted = { statistic: cloudwatch.Stats.SUM, period: PERIOD };

    alarms.add(this, 'FunctionErrors', handler.metricErrors(counted), {
      name: 'FunctionErrors',
      what: 'the proxy function crashed or ran out of time; requests may lack their outcome, or any event',
    });
    alarms.add(this, 'FunctionThrottles', handler.metricThrottles(counted), {
      name: 'FunctionThrottles',
      what: 'Lambda did not run the proxy function for requests, since its concurrency is used up',
    });
    alarms.add(
      this,
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
      { name: 'NearTimeout', what: 'the proxy function runs nearly as long as it may' },
      { threshold: NEAR_TIMEOUT * (handler.timeout ?? LAMBDA_DEFAULT_TIMEOUT).toMilliseconds() },
    );
    alarms.add(
      this,
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
    alarms.add(
      this,
      'ServerErrors',
      new cloudwatch.MathExpression({
        expression: '100 * errors / requests',
        label: '5xx in percent',
        period: PERIOD,
        usingMetrics: { errors: metrics.serverErrors, requests: metrics.requests },
      }),
      { name: 'ServerErrors', what: 'too many requests get 5xx, by the proxy or by services behind it' },
      { threshold: serverErrorPercent, periods: 2 },
    );
  }
}
