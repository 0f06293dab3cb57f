import type { AccessLog } from '../access-log';

/**
 * The access log of an HTTP API. That it names types for failures of the integration only is assumed: nothing is
 * documented. The text around a function's error is what HTTP APIs are seen to write.
 */
export const httpAccessLog: AccessLog = {
  kind: 'httpApi',
  stage: '$default',
  path: (path) => path,
  resource: () => '$default',
  errorTypes: {
    function_failed: 'INTEGRATION_FAILURE',
    function_too_slow: 'INTEGRATION_TIMEOUT',
    body_not_base64: 'INTEGRATION_FAILURE',
  },
  functionError: (message) =>
    `The Lambda function returned the following error: ${message}. Check your Lambda function code and try again.`,
};
