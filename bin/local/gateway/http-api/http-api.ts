import type { Answer, Api, Refusal } from '../api';
import { newExtendedRequestId, traceIdOf } from '../ids';
import { HTTP_API_TIMEOUT_MS } from '../limits';
import { httpAccessLog } from './access-log';
import { httpAnswer } from './answer';
import { httpEvent } from './event';

/**
 * An HTTP API: route `$default`, Lambda proxy integration, payload v2.
 *
 * @see https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html
 */
export const httpApi: Api = {
  timeoutMs: HTTP_API_TIMEOUT_MS,
  methods: new Set(['DELETE', 'GET', 'HEAD', 'OPTIONS', 'PATCH', 'POST', 'PUT']),
  // Documented as "total combined size of request line and header values".
  headBytes: (requestLine, headers) => headers.reduce((total, [, value]) => total + value.length, requestLine.length),
  ids: (headers) => {
    // HTTP APIs have one id, and clients have no say in it.
    const id = newExtendedRequestId();
    return { requestId: id, extendedRequestId: id, traceId: traceIdOf(headers) };
  },
  event: httpEvent,
  answer: httpAnswer,
  streaming: undefined,
  refuse,
  idHeaders: (ids) => [['Apigw-Requestid', ids.requestId]],
  accessLog: httpAccessLog,
};

/**
 * Documented nowhere in one place; these are what HTTP APIs are seen to send. A function that fails gives 500, one that
 * is too slow 503.
 */
const REFUSALS: Record<Refusal, { status: number; message: string }> = {
  bad_request: { status: 400, message: 'Bad Request' },
  unsupported_method: { status: 404, message: 'Not Found' },
  body_too_large: { status: 413, message: 'Request Entity Too Large' },
  headers_too_large: { status: 431, message: 'Request Header Fields Too Large' },
  function_failed: { status: 500, message: 'Internal Server Error' },
  function_too_slow: { status: 503, message: 'Service Unavailable' },
  body_not_base64: { status: 500, message: 'Internal Server Error' },
};

function refuse(refusal: Refusal): Answer {
  const { status, message } = REFUSALS[refusal];
  return {
    status,
    headers: [['Content-Type', 'application/json']],
    body: Buffer.from(JSON.stringify({ message })),
  };
}
