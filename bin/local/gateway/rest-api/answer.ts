import { MalformedAnswer, type Answer, type AnswerHead } from '../api';
import type { Header } from '../client-request';
import { bodyOf, cookiesOf, headersOf, isRecord, parseAnswer, scalarText, statusOf } from '../function-answer';

const HEAD_FIELDS = ['statusCode', 'headers', 'multiValueHeaders'];
const FIELDS: ReadonlySet<string> = new Set([...HEAD_FIELDS, 'body', 'isBase64Encoded']);
const STREAMED_FIELDS: ReadonlySet<string> = new Set([...HEAD_FIELDS, 'cookies']);

/**
 * Headers of a function that come out under another name, `x-amzn-Remapped-<name>`. The list is AWS's, as far as REST
 * APIs are seen to follow it.
 *
 * @see https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-known-issues.html
 */
const REMAPPED: ReadonlySet<string> = new Set([
  'authorization',
  'connection',
  'content-length',
  'content-md5',
  'date',
  'expect',
  'host',
  'max-forwards',
  'proxy-authenticate',
  'server',
  'trailer',
  'upgrade',
  'user-agent',
  'www-authenticate',
  'x-amzn-requestid',
  'x-forwarded-for',
]);

/**
 * Answer of a Lambda proxy integration, payload v1.
 *
 * @see https://docs.aws.amazon.com/apigateway/latest/developerguide/set-up-lambda-proxy-integrations.html#api-gateway-simple-proxy-for-lambda-output-format
 */
export function restAnswer(text: string): Answer {
  const answer = answerWith(FIELDS, text);
  const headers = givenHeaders(answer).map(remapped);
  return { ...headOf(answer, headers), body: bodyOf(answer['body'], answer['isBase64Encoded']) };
}

/**
 * What a streamed answer begins with. As in a buffered one, save that the function may say how long its body is (documented);
 * that of all other headers is assumed.
 *
 * @see https://docs.aws.amazon.com/apigateway/latest/developerguide/response-transfer-mode-lambda.html
 */
export function restStreamedHead(text: string): AnswerHead {
  const answer = answerWith(STREAMED_FIELDS, text);
  const given = givenHeaders(answer);
  const lengths = given.filter(isLength);
  if (lengths.length > 1 || lengths.some(([, value]) => !/^\d{1,15}$/.test(value))) {
    throw new MalformedAnswer('Content-Length is not one length');
  }
  const headers = given.map((header) => (isLength(header) ? header : remapped(header)));
  return headOf(answer, [...headers, ...cookiesOf(answer['cookies'])]);
}

function answerWith(fields: ReadonlySet<string>, text: string): Readonly<Record<string, unknown>> {
  const answer = parseAnswer(text);
  if (!isRecord(answer)) throw new MalformedAnswer('the answer is not an object');
  const unknown = Object.keys(answer).find((field) => !fields.has(field));
  if (unknown !== undefined) throw new MalformedAnswer(`the answer has a field "${unknown}"`);
  return answer;
}

/** Without those that concern the connection alone. */
function givenHeaders(answer: Readonly<Record<string, unknown>>): Header[] {
  return mergeHeaders(headersOf(answer['headers']), multiValueHeadersOf(answer['multiValueHeaders'])).filter(
    ([name]) => name.toLowerCase() !== 'transfer-encoding',
  );
}

function remapped([name, value]: Header): Header {
  return [REMAPPED.has(name.toLowerCase()) ? `x-amzn-Remapped-${name}` : name, value];
}

function isLength([name]: Header): boolean {
  return name.toLowerCase() === 'content-length';
}

function headOf(answer: Readonly<Record<string, unknown>>, headers: readonly Header[]): AnswerHead {
  const hasType = headers.some(([name]) => name.toLowerCase() === 'content-type');
  return {
    status: answer['statusCode'] === undefined ? 200 : statusOf(answer['statusCode']),
    headers: hasType ? headers : [['Content-Type', 'application/json'], ...headers],
  };
}

function multiValueHeadersOf(value: unknown): Header[] {
  if (value === undefined || value === null) return [];
  if (!isRecord(value)) throw new MalformedAnswer('multiValueHeaders is not an object');
  return Object.entries(value).flatMap(([name, values]) => {
    if (!Array.isArray(values)) throw new MalformedAnswer(`multiValueHeaders.${name} is not a list`);
    return values.map((one): Header => [name, scalarText(one, name)]);
  });
}

/** Documented: both are merged into one list; a name and value given in both appear once. */
function mergeHeaders(single: readonly Header[], multiple: readonly Header[]): Header[] {
  const isInBoth = ([name, value]: Header) =>
    multiple.some(([other, otherValue]) => other.toLowerCase() === name.toLowerCase() && otherValue === value);
  return [...single.filter((header) => !isInBoth(header)), ...multiple];
}
