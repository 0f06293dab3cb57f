import { randomUUID } from 'node:crypto';
import type { Answer, Api, Refusal } from '../api';
import { headerValue } from '../client-request';
import { newExtendedRequestId, traceIdOf } from '../ids';
import { REST_API_TIMEOUT_MS, STREAMING_TIMEOUT_MS } from '../limits';
import { restAccessLog } from './access-log';
import { restAnswer, restStreamedHead } from './answer';
import { restEvent } from './event';
import { restExcess } from './excess';

/**
 * A REST API: ANY method, Lambda proxy integration (payload v1), every media type binary.
 *
 * @see https://docs.aws.amazon.com/apigateway/latest/developerguide/set-up-lambda-proxy-integrations.html
 */
export const restApi: Api = {
  timeoutMs: REST_API_TIMEOUT_MS,
  methods: new Set(['DELETE', 'GET', 'HEAD', 'OPTIONS', 'PATCH', 'POST', 'PUT']),
  excessOf: restExcess,
  ids: (headers) => ({
    // Documented: "Clients can override the value in the x-amzn-RequestId header". Hence `extendedRequestId`.
    requestId: headerValue(headers, 'x-amzn-requestid') || randomUUID(),
    extendedRequestId: newExtendedRequestId(),
    traceId: traceIdOf(headers),
  }),
  event: restEvent,
  answer: restAnswer,
  streaming: { timeoutMs: STREAMING_TIMEOUT_MS, head: restStreamedHead },
  refuse,
  idHeaders: (ids) => [
    ['x-amzn-RequestId', ids.requestId],
    ['x-amz-apigw-id', ids.extendedRequestId],
  ],
  accessLog: restAccessLog,
};

/**
 * Default gateway responses. Documented: the statuses of all but `bad_request` and `headers_too_large`, the text of
 * `uri_too_long`, and 403 for methods that the API does not have. The other texts are what REST APIs are seen to send.
 *
 * Where Lambda throttles, a REST API answers 500 with the text of `function_failed`; locally a request waits for a free
 * environment instead, until the time limit.
 *
 * @see https://docs.aws.amazon.com/apigateway/latest/developerguide/supported-gateway-response-types.html
 */
const REFUSALS: Record<Refusal, { status: number; message: string; type: string }> = {
  bad_request: { status: 400, message: 'Bad Request', type: 'BadRequestException' },
  unsupported_method: {
    status: 403,
    message: 'Missing Authentication Token',
    type: 'MissingAuthenticationTokenException',
  },
  body_too_large: { status: 413, message: 'Request Too Long', type: 'RequestTooLargeException' },
  headers_too_large: { status: 431, message: 'Request Header Fields Too Large', type: 'BadRequestException' },
  uri_too_long: { status: 414, message: 'Request URI too long', type: 'BadRequestException' },
  function_failed: { status: 502, message: 'Internal server error', type: 'InternalServerErrorException' },
  function_too_slow: { status: 504, message: 'Endpoint request timed out', type: 'InternalServerErrorException' },
  body_not_base64: { status: 500, message: 'Internal server error', type: 'InternalServerErrorException' },
};

function refuse(refusal: Refusal): Answer {
  const { status, message, type } = REFUSALS[refusal];
  return {
    status,
    headers: [
      ['Content-Type', 'application/json'],
      ['x-amzn-ErrorType', type],
    ],
    body: Buffer.from(`{"message": ${JSON.stringify(message)}}`),
  };
}
