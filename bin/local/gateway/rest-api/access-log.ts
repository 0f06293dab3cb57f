import type { AccessLog } from '../access-log';
import { STAGE } from '../surroundings';
import { resourcePathOf } from './resource';

/**
 * The access log of a REST API. Which type goes with which answer is documented; those of `bad_request`,
 * `headers_too_large`, `uri_too_long` and the failures of a function are what REST APIs are seen to write, and so is the text before a
 * function's error.
 *
 * @see https://docs.aws.amazon.com/apigateway/latest/developerguide/supported-gateway-response-types.html
 */
export const restAccessLog: AccessLog = {
  kind: 'restApi',
  stage: STAGE,
  path: (path) => `/${STAGE}${path}`,
  resource: (path, resource) => resourcePathOf(resource, path).resourcePath,
  errorTypes: {
    bad_request: 'DEFAULT_4XX',
    unsupported_method: 'MISSING_AUTHENTICATION_TOKEN',
    body_too_large: 'REQUEST_TOO_LARGE',
    headers_too_large: 'DEFAULT_4XX',
    uri_too_long: 'DEFAULT_4XX',
    function_failed: 'INTEGRATION_FAILURE',
    function_too_slow: 'INTEGRATION_TIMEOUT',
    body_not_base64: 'INTEGRATION_FAILURE',
  },
  functionError: (message) => `Lambda Customer Function Error:${message}`,
};
