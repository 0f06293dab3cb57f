/** CloudWatch namespace of what the proxy function itself counts (embedded metric format). */
export const PROXY_METRIC_NAMESPACE = 'cdk-audit-proxy';

/** Dimension of every metric: the name of the function. Where a service is at fault, there is one more set with it besides. */
export const FUNCTION_DIMENSION = 'function';
export const SERVICE_DIMENSION = 'service';

export const PROXY_METRICS = {
  /** How often requests to a service began to be refused, since too many in a row had failed (once an environment). */
  circuitOpened: 'UpstreamCircuitOpened',
  /**
   * How many streamed answers broke off and were recorded so. Their invocations are made to fail, so that callers are told, and
   * Lambda counts them as errors of the function; as Lambda does, this counts them to the time when they began.
   *
   * @see https://docs.aws.amazon.com/lambda/latest/dg/monitoring-metrics-types.html
   */
  answerBrokenOff: 'AnswersBrokenOff',
} as const;
