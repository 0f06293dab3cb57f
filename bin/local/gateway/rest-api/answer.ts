import { MalformedAnswer, type Answer } from '../api';
import type { Header } from '../client-request';
import { bodyOf, headersOf, isRecord, parseAnswer, scalarText, statusOf } from '../function-answer';

const FIELDS: ReadonlySet<string> = new Set(['statusCode', 'headers', 'multiValueHeaders', 'body', 'isBase64Encoded']);

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
]);

/**
 * Answer of a Lambda proxy integration, payload v1.
 *
 * @see https://docs.aws.amazon.com/apigateway/latest/developerguide/set-up-lambda-proxy-integrations.html#api-gateway-simple-proxy-for-lambda-output-format
 */
export function restAnswer(text: string): Answer {
  const answer = parseAnswer(text);
  if (!isRecord(answer)) throw new MalformedAnswer('the answer is not an object');
  const unknown = Object.keys(answer).find((field) => !FIELDS.has(field));
  if (unknown !== undefined) throw new MalformedAnswer(`the answer has a field "${unknown}"`);

  const given = mergeHeaders(headersOf(answer['headers']), multiValueHeadersOf(answer['multiValueHeaders']));
  const headers = given.flatMap(([name, value]): Header[] => {
    const lower = name.toLowerCase();
    if (lower === 'transfer-encoding') return [];
    return [[REMAPPED.has(lower) ? `x-amzn-Remapped-${name}` : name, value]];
  });
  const hasType = headers.some(([name]) => name.toLowerCase() === 'content-type');
  return {
    status: answer['statusCode'] === undefined ? 200 : statusOf(answer['statusCode']),
    headers: hasType ? headers : [['Content-Type', 'application/json'], ...headers],
    body: bodyOf(answer['body'], answer['isBase64Encoded']),
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
