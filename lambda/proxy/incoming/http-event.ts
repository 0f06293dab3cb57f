import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import type { HeaderPair } from '../../../lib/event/privacy/headers';
import type { ClaimNames } from '../../../lib/identity/claim-names';
import { whoOfHttpEvent } from '../identity/http-identity';
import { decodedPathAmbiguity, encodeNonAscii, encodePath, undecodablePath } from '../../../lib/routing/path-encoding';
import { unsafePath } from '../../../lib/routing/path-readings';
import { unsafeQuery } from './encoding';
import type { IncomingRequest } from './incoming-request';
import { schemeOf, sourceOf } from './source';

/** Where function URLs are. No custom domain of an API can lie there. */
const FUNCTION_URL = /\.lambda-url\.[a-z0-9-]+\.on\.(?:aws|amazonwebservices\.com\.cn)$/;

/**
 * Reads the event of an HTTP API or a function URL (payload format 2.0). It carries the query as it came; repeated headers
 * are joined by commas, and cookies come apart. An HTTP API decodes the path, a function URL gives it as it came.
 *
 * @see https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html
 * @see https://docs.aws.amazon.com/lambda/latest/dg/urls-invocation.html#urls-payloads
 */
export function readHttpEvent(event: APIGatewayProxyEventV2, claimNames: ClaimNames = {}): IncomingRequest {
  const context = event.requestContext;
  const headers = headersOf(event);
  const isDecoded = !FUNCTION_URL.test(context.domainName);
  const rawPath = withoutStage(event.rawPath, context.stage);
  const path = isDecoded ? encodePath(rawPath) : encodeNonAscii(rawPath);
  return {
    payloadVersion: '2.0',
    answerFormat: 'http',
    method: context.http.method,
    path,
    query: event.rawQueryString,
    pathAmbiguity: (isDecoded ? decodedPathAmbiguity : undecodablePath)(rawPath) ?? unsafePath(path),
    queryAmbiguity: unsafeQuery(event.rawQueryString),
    publicPrefix: rawPath === event.rawPath ? '' : `/${context.stage}`,
    headers,
    body: Buffer.from(event.body ?? '', event.isBase64Encoded ? 'base64' : 'utf8'),
    time: context.timeEpoch,
    requestUid: context.requestId,
    // On HTTP APIs no caller can choose the request id; there is no other.
    extendedRequestUid: context.requestId,
    apiUid: context.apiId,
    stage: context.stage,
    // A function URL that anybody may call says "anonymous".
    accountUid: /^\d{12}$/.exec(context.accountId)?.[0],
    hostname: context.domainName,
    scheme: schemeOf(headers),
    protocol: context.http.protocol,
    who: whoOfHttpEvent(context, claimNames),
    source: sourceOf(context.http.sourceIp),
  };
}

/** `rawPath` begins with the stage's name, unless it is the default stage. */
function withoutStage(rawPath: string, stage: string): string {
  const prefix = `/${stage}`;
  if (stage === '$default' || !(rawPath === prefix || rawPath.startsWith(prefix + '/'))) return rawPath;
  return rawPath.slice(prefix.length) || '/';
}

/** Cookies come apart; should they stand among the headers as well, they are not sent twice. */
function headersOf({ headers, cookies = [] }: APIGatewayProxyEventV2): HeaderPair[] {
  const pairs = Object.entries(headers).flatMap(([name, value]): HeaderPair[] =>
    value === undefined || (cookies.length > 0 && name.toLowerCase() === 'cookie') ? [] : [[name, value]],
  );
  return cookies.length > 0 ? [...pairs, ['cookie', cookies.join('; ')]] : pairs;
}
