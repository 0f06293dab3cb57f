import type { Answer } from '../api';
import { bodyOf, cookiesOf, headersOf, isRecord, parseAnswer, statusOf } from '../function-answer';

/** The server sets these itself. */
const DROPPED: ReadonlySet<string> = new Set(['connection', 'content-length', 'transfer-encoding', 'upgrade']);

/**
 * Answer of a Lambda proxy integration, payload v2. An answer without `statusCode` is taken as the body itself
 * (documented).
 *
 * @see https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html#http-api-develop-integrations-lambda.response
 */
export function httpAnswer(text: string): Answer {
  const answer = parseAnswer(text);
  if (!isRecord(answer) || answer['statusCode'] === undefined) {
    return {
      status: 200,
      headers: [['Content-Type', 'application/json']],
      body: Buffer.from(typeof answer === 'string' ? answer : text),
    };
  }
  const headers = headersOf(answer['headers']).filter(([name]) => !DROPPED.has(name.toLowerCase()));
  const body = bodyOf(answer['body'], answer['isBase64Encoded']);
  // Assumed: seen, but documented only for inferred answers.
  const needsType = body.length > 0 && !headers.some(([name]) => name.toLowerCase() === 'content-type');
  return {
    status: statusOf(answer['statusCode']),
    headers: [
      ...(needsType ? [['Content-Type', 'text/plain;charset=utf-8'] as const] : []),
      ...headers,
      ...cookiesOf(answer['cookies']),
    ],
    body,
  };
}
