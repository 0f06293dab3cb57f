import type { APIGatewayEventRequestContextV2, APIGatewayProxyEventV2WithRequestContext } from 'aws-lambda';
import type { StageVariables } from '../api';
import { clientCertificate } from '../client-certificate';
import { emptyMap, headerValue, sortHeaders, type ClientRequest } from '../client-request';
import { FORWARDED_NAMES, forwardedHeaders } from '../forwarded';
import { logTime } from '../ids';
import { decodePercent, decodeQuery } from '../query';
import { ACCOUNT_ID, API_ID, hostName } from '../surroundings';
import { httpAuthorizer, type HttpAuthorizer } from './authorizer';

/** `requestContext` with whatever authorizer the API has; without one the field is left out. */
type Context = APIGatewayEventRequestContextV2 & { readonly authorizer?: HttpAuthorizer };

/** Headers of the connection, not of the request. Assumed: documented nowhere for HTTP APIs. */
const DROPPED_HEADERS: ReadonlySet<string> = new Set([
  'connection',
  'cookie',
  'expect',
  'keep-alive',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
]);

/**
 * Event of a Lambda proxy integration, payload v2.
 *
 * @see https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html
 */
export function httpEvent(
  request: ClientRequest,
  stageVariables: StageVariables = {},
): APIGatewayProxyEventV2WithRequestContext<Context> {
  // Despite its name, rawPath arrives decoded.
  const path = decodePercent(request.path, 'path');
  const cookies = cookiesOf(request);
  const parameters = queryMap(request.query);
  const authorizer = httpAuthorizer(request.caller);
  const certificate = request.caller?.certificate;
  return {
    version: '2.0',
    routeKey: '$default',
    rawPath: path,
    rawQueryString: request.query,
    ...(cookies.length > 0 && { cookies }),
    headers: headerMap(request),
    ...(parameters !== undefined && { queryStringParameters: parameters }),
    requestContext: {
      accountId: ACCOUNT_ID,
      apiId: API_ID,
      ...(authorizer !== undefined && { authorizer }),
      ...(certificate !== undefined && { authentication: { clientCert: clientCertificate(certificate) } }),
      domainName: hostName(request),
      domainPrefix: hostName(request).split('.')[0] ?? '',
      http: {
        method: request.method,
        path,
        protocol: request.protocol,
        sourceIp: request.sourceIp,
        userAgent: headerValue(request.headers, 'user-agent') ?? '',
      },
      requestId: request.ids.requestId,
      routeKey: '$default',
      stage: '$default',
      time: logTime(request.time),
      timeEpoch: request.time,
    },
    ...bodyOf(request),
    ...(Object.keys(stageVariables).length > 0 && { stageVariables: { ...stageVariables } }),
  };
}

/** Lower-case names in the order of the alphabet, by recorded events; values of a repeated header joined by commas (documented). */
function headerMap(request: ClientRequest): Record<string, string> {
  const map = emptyMap<string>();
  const add = (name: string, value: string) => {
    map[name] = name in map ? `${map[name]},${value}` : value;
  };
  const passed = request.headers.filter(([name]) => isPassed(name.toLowerCase()));
  for (const [name, value] of sortHeaders([...passed, ...forwardedHeaders(request)])) add(name.toLowerCase(), value);
  return map;
}

function isPassed(name: string): boolean {
  return !DROPPED_HEADERS.has(name) && !FORWARDED_NAMES.has(name);
}

function cookiesOf(request: ClientRequest): string[] {
  return request.headers
    .filter(([name]) => name.toLowerCase() === 'cookie')
    .flatMap(([, value]) => value.split(';'))
    .map((cookie) => cookie.trim())
    .filter((cookie) => cookie !== '');
}

/** Decoded; values of a repeated name joined by commas (documented). */
function queryMap(query: string): Record<string, string> | undefined {
  const map = emptyMap<string>();
  const pairs = decodeQuery(query, '&');
  for (const [name, value] of pairs) map[name] = name in map ? `${map[name]},${value}` : value;
  return pairs.length === 0 ? undefined : map;
}

/**
 * Text goes in as text, all else as base64. Which types count as text is documented nowhere: forms are seen to come as
 * base64, JSON, XML, JavaScript and `text/` as text.
 */
function bodyOf(request: ClientRequest): { body?: string; isBase64Encoded: boolean } {
  if (request.body.length === 0) return { isBase64Encoded: false };
  const type = headerValue(request.headers, 'content-type') ?? '';
  const text = /^(?:text\/|application\/(?:[\w.-]+\+)?(?:json|xml)\b|application\/javascript\b)/i.test(type)
    ? utf8(request.body)
    : undefined;
  return text === undefined
    ? { body: request.body.toString('base64'), isBase64Encoded: true }
    : { body: text, isBase64Encoded: false };
}

/** Undefined if the bytes are not UTF-8, e.g. since they are compressed. */
function utf8(bytes: Buffer): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return undefined;
  }
}
