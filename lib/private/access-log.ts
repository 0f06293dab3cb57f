import { AccessLogFormat } from 'aws-cdk-lib/aws-apigateway';

/**
 * The edge log's fields. `requestId` can be set by callers of a REST API, `extendedRequestId` cannot. `integrationStatus`
 * says whether Lambda ran the function, `functionStatus` what the function answered.
 *
 * Neither query nor headers are among them, and no error message: API Gateway's messages quote Authorization headers.
 *
 * @see https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-variables-for-access-logging.html
 */
const FIELDS = {
  requestId: '$context.requestId',
  extendedRequestId: '$context.extendedRequestId',
  requestTimeEpoch: '$context.requestTimeEpoch',
  apiId: '$context.apiId',
  stage: '$context.stage',
  sourceIp: '$context.identity.sourceIp',
  protocol: '$context.protocol',
  httpMethod: '$context.httpMethod',
  path: '$context.path',
  status: '$context.status',
  responseLength: '$context.responseLength',
  responseLatency: '$context.responseLatency',
  errorResponseType: '$context.error.responseType',
  integrationRequestId: '$context.integration.requestId',
  integrationStatus: '$context.integration.integrationStatus',
  functionStatus: '$context.integration.status',
  integrationLatency: '$context.integration.latency',
  integrationError: '$context.integration.error',
} as const;

/** One JSON object a line. */
export const edgeLogFormat = AccessLogFormat.custom(JSON.stringify(FIELDS));
