/**
 * The single declaration of the edge log's record: what API Gateway's access log tells of one request.
 *
 * Every value is a string as API Gateway writes it; `-` stands for what it does not know. Columns are append-only, like
 * those of audit events.
 *
 * Whether API Gateway escapes what it puts in place of a variable is documented nowhere. A line that is no JSON for want
 * of it comes to rest under `errors/edge/`, whole, and alarms; no request vanishes without a trace.
 *
 * Neither query nor headers are among the fields, and no message of API Gateway itself (`$context.error.message`,
 * `$context.authorizer.error`): its messages quote Authorization headers. What the function's failure said is fine.
 *
 * @see https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-variables-for-access-logging.html REST API
 * @see https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-logging-variables.html HTTP API
 */

/** The kinds of API that API Gateway has. */
export type ApiKind = 'restApi' | 'httpApi';

export interface EdgeField {
  /** One sentence for readers. */
  readonly meaning: string;
  /** The variable of API Gateway that holds it, by kind of API; a kind that is not named does not know it. */
  readonly variables: Readonly<Partial<Record<ApiKind, string>>>;
}

const both = (variable: string, meaning: string): EdgeField => ({
  meaning,
  variables: { restApi: variable, httpApi: variable },
});

const restOnly = (variable: string, meaning: string): EdgeField => ({ meaning, variables: { restApi: variable } });

/** The fields in the order of the columns. */
export const edgeRecordSchema = {
  request_id: both('$context.requestId', 'Request id; a caller of a REST API can choose it.'),
  extended_request_id: both('$context.extendedRequestId', 'Id of the request that no caller can choose; joins events.'),
  request_time_epoch: both(
    '$context.requestTimeEpoch',
    'When the request arrived, epoch milliseconds; the same as the `time` of its events.',
  ),
  api_id: both('$context.apiId', 'Id of the API.'),
  stage: both('$context.stage', 'Stage of the API.'),
  source_ip: both('$context.identity.sourceIp', 'Address of the caller.'),
  protocol: both('$context.protocol', 'Protocol of the request, e.g. HTTP/1.1.'),
  method: both('$context.httpMethod', 'HTTP method.'),
  path: both('$context.path', 'Path of the request, without its query.'),
  resource: {
    meaning: 'Resource (REST API) or route key (HTTP API) that API Gateway chose.',
    variables: { restApi: '$context.resourcePath', httpApi: '$context.routeKey' },
  },
  status: both('$context.status', 'HTTP status code that the caller got.'),
  response_length: both('$context.responseLength', 'Length of the answer’s body in bytes.'),
  response_latency: both('$context.responseLatency', 'Time until the answer, in milliseconds.'),
  error_response_type: both(
    '$context.error.responseType',
    'Kind of error, where API Gateway answered itself, e.g. THROTTLED or INTEGRATION_FAILURE.',
  ),
  integration_request_id: both('$context.integration.requestId', 'Lambda’s id of the invocation.'),
  integration_status: both(
    '$context.integration.integrationStatus',
    'Status code with which Lambda answered the call: 200 where it ran the function, 429 where it throttled.',
  ),
  function_status: both('$context.integration.status', 'HTTP status code that the function answered.'),
  integration_latency: both('$context.integration.latency', 'Time that Lambda took, in milliseconds.'),
  integration_error: both('$context.integration.error', 'What Lambda said of a failed call or a failed function.'),
  authenticate_status: restOnly('$context.authenticate.status', 'Status code of the authentication (IAM).'),
  authorize_status: restOnly('$context.authorize.status', 'Status code of the authorization (IAM).'),
  authorizer_status: restOnly('$context.authorizer.status', 'Status code of the authorizer (Cognito or Lambda).'),
  authorizer_integration_status: restOnly(
    '$context.authorizer.integrationStatus',
    'Status code with which Lambda answered the call of a Lambda authorizer.',
  ),
  waf_status: restOnly('$context.waf.status', 'Status code of AWS WAF.'),
  waf_response_code: restOnly('$context.wafResponseCode', 'What AWS WAF decided: WAF_ALLOW or WAF_BLOCK.'),
} as const satisfies Readonly<Record<string, EdgeField>>;

export type EdgeFieldName = keyof typeof edgeRecordSchema;

/** The declared fields, in order. */
export const edgeFields = Object.entries<EdgeField>(edgeRecordSchema) as readonly (readonly [
  EdgeFieldName,
  EdgeField,
])[];

/** A record as it lies in the log. A kind of API writes the fields that it knows. */
export type EdgeRecord = Readonly<Partial<Record<EdgeFieldName, string>>>;

/** How API Gateway writes what it does not know. */
export const ABSENT = '-';

/** The field by which records are partitioned, as events are by their `time`: epoch milliseconds in a string. */
export const EDGE_TIME_FIELD = 'request_time_epoch' satisfies EdgeFieldName;
