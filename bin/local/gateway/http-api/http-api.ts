import type { Answer, Api, Refusal, RequestHead } from '../api';
import { newExtendedRequestId, traceIdOf } from '../ids';
import { HTTP_API_TIMEOUT_MS, MAX_HEADER_BYTES } from '../limits';
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
  excessOf,
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

/** Documented as "total combined size of request line and header values", 10,240 bytes. URLs have no limit of their own. */
function excessOf({ method, target, protocol, headers }: RequestHead): Refusal | undefined {
  const requestLine = `${method} ${target} ${protocol}`;
  const bytes = headers.reduce((total, [, value]) => total + value.length, requestLine.length);
  return bytes > MAX_HEADER_BYTES ? 'headers_too_large' : undefined;
}

/**
 * Documented nowhere in one place; these are what HTTP APIs are seen to send. A function that fails gives 500, one that
 * is too slow 503.
 */
const REFUSALS: Record<Refusal, { status: number; message: string }> = {
  bad_request: { status: 400, message: 'Bad Request' },
  unsupported_method: { status: 404, message: 'Not Found' },
  body_too_large: { status: 413, message: 'Request Entity Too Large' },
  headers_too_large: { status: 431, message: 'Request Header Fields Too Large' },
  uri_too_long: { status: 414, message: 'URI Too Long' },
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
