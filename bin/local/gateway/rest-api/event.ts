import type { APIGatewayProxyEvent } from 'aws-lambda';
import { BadRequest, type StageVariables } from '../api';
import { emptyMap, sortHeaders, type ClientRequest, type Header } from '../client-request';
import { FORWARDED_NAMES, forwardedHeaders } from '../forwarded';
import { logTime } from '../ids';
import { decodePercent, decodeQuery } from '../query';
import { ACCOUNT_ID, API_ID, hostName, STAGE } from '../surroundings';
import { restAuthorizer, restIdentity } from './identity';
import { resourcePathOf } from './resource';

/**
 * Headers that a REST API does not pass to a Lambda proxy integration. From the table in AWS's "important notes" and
 * what REST APIs are seen to do; `Host` and `Content-Encoding` do pass.
 *
 * @see https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-known-issues.html
 */
const DROPPED_HEADERS: ReadonlySet<string> = new Set([
  'connection',
  'content-length',
  'content-md5',
  'expect',
  'max-forwards',
  'proxy-authenticate',
  'server',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
  'www-authenticate',
]);

/**
 * Event of a Lambda proxy integration, payload v1.
 *
 * @see https://docs.aws.amazon.com/apigateway/latest/developerguide/set-up-lambda-proxy-integrations.html#api-gateway-simple-proxy-for-lambda-input-format
 */
export function restEvent(request: ClientRequest, stageVariables: StageVariables = {}): APIGatewayProxyEvent {
  const { resourcePath, proxy } = resourcePathOf(request.resource, request.path);
  // Assumed: documented nowhere.
  decodePercent(request.path, 'path');
  return {
    resource: resourcePath,
    path: request.path,
    httpMethod: request.method,
    ...headerMaps(sortHeaders([...request.headers.filter(isPassed), ...forwardedHeaders(request)])),
    ...queryMaps(request.query),
    // As it came, by recorded events; documented is that "request parameters" are decoded.
    pathParameters: proxy === undefined ? null : { proxy },
    stageVariables: Object.keys(stageVariables).length === 0 ? null : { ...stageVariables },
    requestContext: {
      accountId: ACCOUNT_ID,
      apiId: API_ID,
      authorizer: restAuthorizer(request.caller),
      domainName: hostName(request),
      domainPrefix: hostName(request).split('.')[0],
      extendedRequestId: request.ids.extendedRequestId,
      httpMethod: request.method,
      identity: restIdentity(request),
      path: `/${STAGE}${request.path}`,
      protocol: request.protocol,
      requestId: request.ids.requestId,
      requestTime: logTime(request.time),
      requestTimeEpoch: request.time,
      resourceId: proxy === undefined ? 'local0' : 'local1',
      resourcePath,
      stage: STAGE,
    },
    // With the binary media type */* every body comes as base64, text too.
    body: request.body.length === 0 ? null : request.body.toString('base64'),
    isBase64Encoded: request.body.length > 0,
  };
}

function isPassed([name]: Header): boolean {
  const lower = name.toLowerCase();
  return !DROPPED_HEADERS.has(lower) && !FORWARDED_NAMES.has(lower);
}

/**
 * Header names keep the client's spelling, and spellings are told apart (documented: "case-sensitive"). They come in the order of
 * the alphabet, upper and lower case alike, by recorded events.
 */
function headerMaps(headers: readonly Header[]): Pick<APIGatewayProxyEvent, 'headers' | 'multiValueHeaders'> {
  const single = emptyMap<string>();
  const multiple = emptyMap<string[]>();
  for (const [name, value] of headers) {
    single[name] = value;
    (multiple[name] ??= []).push(value);
  }
  return { headers: single, multiValueHeaders: multiple };
}

/**
 * Decoded query; the last value wins in the single map.
 *
 * Documented: `|`, `{` and `}` must be percent-encoded (assumed: refused with 400 otherwise), and `;` splits. Also
 * documented: "REST APIs URL encode the percent character (%) before passing it to backend integrations". We take this
 * to concern the URLs of HTTP integrations: a decoded value with a percent sign is passed on as it is.
 */
function queryMaps(
  query: string,
): Pick<APIGatewayProxyEvent, 'queryStringParameters' | 'multiValueQueryStringParameters'> {
  if (/[|{}]/.test(query)) throw new BadRequest('the query holds |, { or } unencoded');
  const single = emptyMap<string>();
  const multiple = emptyMap<string[]>();
  for (const [name, value] of decodeQuery(query, /[&;]/)) {
    single[name] = value;
    (multiple[name] ??= []).push(value);
  }
  return Object.keys(single).length === 0
    ? { queryStringParameters: null, multiValueQueryStringParameters: null }
    : { queryStringParameters: single, multiValueQueryStringParameters: multiple };
}
