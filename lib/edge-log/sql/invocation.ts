import { literal } from '../../event/sql/dialect';

/**
 * What became of a request, as far as the edge can tell.
 *
 * | value | meaning |
 * | --- | --- |
 * | refused | the edge answered itself and called nothing: authorizer, WAF, throttle, validation, unknown route |
 * | not_invoked | Lambda was called and never ran the handler: throttled, not allowed, crashed while it loaded its code |
 * | invoked | Lambda ran the function |
 * | unknown | it cannot be told whether the function ran; treated like `invoked`, so that nothing is missed silently |
 */
export const INVOCATIONS = ['refused', 'not_invoked', 'invoked', 'unknown'] as const;

export type Invocation = (typeof INVOCATIONS)[number];

/**
 * Types of the answers that a REST API gives before it calls an integration.
 *
 * @see https://docs.aws.amazon.com/apigateway/latest/developerguide/supported-gateway-response-types.html
 */
const REFUSAL_TYPES = [
  'ACCESS_DENIED',
  'AUTHORIZER_CONFIGURATION_ERROR',
  'AUTHORIZER_FAILURE',
  'BAD_REQUEST_BODY',
  'BAD_REQUEST_PARAMETERS',
  'DEFAULT_4XX',
  'EXPIRED_TOKEN',
  'INVALID_API_KEY',
  'INVALID_SIGNATURE',
  'MISSING_AUTHENTICATION_TOKEN',
  'QUOTA_EXCEEDED',
  'REQUEST_TOO_LARGE',
  'RESOURCE_NOT_FOUND',
  'THROTTLED',
  'UNAUTHORIZED',
  'UNSUPPORTED_MEDIA_TYPE',
  'WAF_FILTERED',
];

/** Statuses with which an edge refuses where it does not name a type (HTTP APIs); others may stand for anything. */
const REFUSAL_STATUSES = ['400', '401', '403', '404', '405', '413', '414', '415', '429', '431'];

/** How API Gateway introduces what a failed function said: REST API, HTTP API. */
const FUNCTION_ERROR_PREFIXES = [
  'Lambda Customer Function Error:',
  'The Lambda function returned the following error: ',
];

/**
 * Messages that only the loading of the function's code gives (Runtime.ImportModuleError, Runtime.UserCodeSyntaxError,
 * Runtime.HandlerNotFound). Other deaths in the init phase read like deaths in an invocation.
 */
const LOADING_ERRORS = [
  `Error: Cannot find module '`,
  'SyntaxError: ',
  'index.handler is undefined or not exported',
  'index.streamingHandler is undefined or not exported',
];

/** What API Gateway says where Lambda does not let it call the function: REST API, HTTP API. */
const NOT_ALLOWED = [
  'Invalid permissions on Lambda function',
  `The IAM role configured on the integration or API Gateway doesn't have permissions to call the integration`,
];

/** No text is matched anywhere but at its beginning: what follows may hold words that a caller chose. */
const NEVER_RAN = [
  ...FUNCTION_ERROR_PREFIXES.flatMap((prefix) => LOADING_ERRORS.map((error) => prefix + error)),
  ...NOT_ALLOWED,
];

/**
 * The request's `Invocation`, over columns of the edge record in which what is unknown is NULL.
 *
 * Lambda's Invoke refuses with 4xx, and with 502 where it cannot set the environment up, in each case before any code
 * runs; its 500, 503 and 504 say nothing of the kind.
 *
 * @see https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html#API_Invoke_Errors
 */
export function invocationSql(): string {
  const startsWithAny = (texts: readonly string[]) =>
    texts.map((text) => `"integration_error" LIKE ${literal(`${text}%`)}`).join('\n      OR ');
  return `CASE
    WHEN "integration_status" IS NULL AND "integration_error" IS NULL
      AND "error_response_type" IN (${REFUSAL_TYPES.map(literal).join(', ')}) THEN 'refused'
    WHEN "integration_status" IS NULL AND "integration_error" IS NULL AND "error_response_type" IS NULL
      AND "function_status" IS NULL AND "integration_request_id" IS NULL AND "integration_latency" IS NULL
      AND "status" IN (${REFUSAL_STATUSES.map(literal).join(', ')}) THEN 'refused'
    WHEN "integration_status" LIKE '4__' OR "integration_status" = '502' THEN 'not_invoked'
    WHEN ${startsWithAny(NEVER_RAN)} THEN 'not_invoked'
    WHEN "integration_status" = '200' THEN 'invoked'
    ELSE 'unknown'
  END`;
}
