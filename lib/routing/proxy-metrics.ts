/** CloudWatch namespace of what the proxy function itself counts (embedded metric format). */
export const PROXY_METRIC_NAMESPACE = 'cdk-audit-proxy';

/** Dimension of every metric: the name of the function. There is one more set with the service besides. */
export const FUNCTION_DIMENSION = 'function';
export const SERVICE_DIMENSION = 'service';

export const PROXY_METRICS = {
  /** How often requests to a service began to be refused, since too many in a row had failed (once an environment). */
  circuitOpened: 'UpstreamCircuitOpened',
} as const;
