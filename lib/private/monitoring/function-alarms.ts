import { Duration } from 'aws-cdk-lib';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import type * as lambda from 'aws-cdk-lib/aws-lambda';
import type { Construct } from 'constructs';
import { PERIOD, type AlarmLimits, type Alarms } from './alarms';
import { functionMetrics, type FunctionMetrics } from './proxy-metrics';

/** What Lambda allows a function unless it is told. */
const LAMBDA_DEFAULT_TIMEOUT = Duration.seconds(3);

/** With less than this share of the function's time limit left there is hardly any time for the outcome. */
const LEAST_LEFT_SHARE = 0.1;
/** Of a limit of minutes a tenth would be long, and a stream may well go on until its route ends it. */
const LEAST_LEFT_MS = 3_000;

/** Lambda counts an invocation to the time when it began, which may be a quarter of an hour ago. */
const OF_LONG_INVOCATIONS: AlarmLimits = { within: 4 };

/** What can go wrong with the function whose answers are whole. */
export function functionAlarms(scope: Construct, handler: lambda.Function, alarms: Alarms): void {
  const metrics = functionMetrics(handler);
  // Both count against the time limit. SUM takes what is there: where there is no extension, nothing is held.
  const expression = 'SUM([duration, held])';
  const used = math(expression, 'Duration and hold', {
    duration: metrics.duration(cloudwatch.Stats.MAXIMUM),
    held: metrics.held(cloudwatch.Stats.MAXIMUM),
  });
  addAlarms(scope, alarms, 'the proxy function', metrics, { errors: metrics.errors, used, timeout: handler.timeout });
}

/** What can go wrong with the function that streams. */
export function streamingAlarms(scope: Construct, handler: lambda.Function, alarms: Alarms): void {
  const metrics = functionMetrics(handler);
  // Answers that broke off are errors to Lambda, and recorded. As above SUM takes what is there: mostly the errors alone.
  const expression = '2 * errors - SUM([errors, brokenOff])';
  const errors = math(expression, 'Errors', { errors: metrics.errors, brokenOff: metrics.answersBrokenOff });
  const used = metrics.duration(cloudwatch.Stats.MAXIMUM);
  const what = { errors, used, timeout: handler.timeout };
  addAlarms(scope, alarms, 'the proxy function that streams', metrics, what, OF_LONG_INVOCATIONS);
}

interface Watched {
  readonly errors: cloudwatch.IMetric;
  /** What counts against the time limit, in milliseconds. */
  readonly used: cloudwatch.IMetric;
  readonly timeout: Duration | undefined;
}

function addAlarms(
  scope: Construct,
  alarms: Alarms,
  name: string,
  { throttles, circuitOpened }: FunctionMetrics,
  { errors, used, timeout = LAMBDA_DEFAULT_TIMEOUT }: Watched,
  limits: AlarmLimits = {},
): void {
  const timeoutMs = timeout.toMilliseconds();
  alarms.add(
    scope,
    'FunctionErrors',
    errors,
    {
      name: 'FunctionErrors',
      what: `${name} crashed or ran out of time; requests may lack their outcome, or any event`,
    },
    limits,
  );
  alarms.add(scope, 'FunctionThrottles', throttles, {
    name: 'FunctionThrottles',
    what: `Lambda did not run ${name} for requests, since its concurrency is used up`,
  });
  alarms.add(
    scope,
    'NearTimeout',
    used,
    { name: 'NearTimeout', what: `${name} runs nearly as long as it may` },
    { ...limits, threshold: timeoutMs - Math.min(LEAST_LEFT_SHARE * timeoutMs, LEAST_LEFT_MS) },
  );
  alarms.add(scope, 'UpstreamCircuitOpened', circuitOpened, {
    name: 'UpstreamCircuitOpened',
    what: 'a service behind the proxy failed many times in a row, and requests to it are refused for a while',
  });
}

function math(expression: string, label: string, usingMetrics: Record<string, cloudwatch.IMetric>) {
  return new cloudwatch.MathExpression({ expression, label, period: PERIOD, usingMetrics });
}
