import { FUNCTION_DIMENSION, PROXY_METRIC_NAMESPACE, SERVICE_DIMENSION } from '../../lib/routing/proxy-metrics';

/**
 * A line of the log that CloudWatch makes a metric of: once for the function, once for each of its services.
 *
 * @param service undefined where the count is of the function alone
 * @param time epoch milliseconds
 * @see https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html
 */
export function metricLine(name: string, functionName: string, service: string | undefined, time: number): string {
  const ofService = service === undefined ? [] : [[FUNCTION_DIMENSION, SERVICE_DIMENSION]];
  const dimensions = [[FUNCTION_DIMENSION], ...ofService];
  const metrics = [
    { Namespace: PROXY_METRIC_NAMESPACE, Dimensions: dimensions, Metrics: [{ Name: name, Unit: 'Count' }] },
  ];
  return JSON.stringify({
    _aws: { Timestamp: time, CloudWatchMetrics: metrics },
    [FUNCTION_DIMENSION]: functionName,
    [SERVICE_DIMENSION]: service,
    [name]: 1,
  });
}
