import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import type { HeaderPair } from '../../../lib/event/privacy/headers';
import type { ClaimNames } from '../../../lib/identity/claim-names';
import { whoOfHttpEvent } from '../identity/http-identity';
import { decodedPathAmbiguity, encodePath } from '../../../lib/routing/path-encoding';
import { unsafePath } from '../../../lib/routing/path-readings';
import { unsafeQuery } from './encoding';
import type { IncomingRequest } from './incoming-request';
import { schemeOf, sourceOf } from './source';

/**
 * Reads the event of an HTTP API (payload format 2.0). It carries the path decoded and the query as it came; repeated headers
 * are joined by commas, and cookies come apart.
 *
 * @see https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html
 */
export function readHttpEvent(event: APIGatewayProxyEventV2, claimNames: ClaimNames = {}): IncomingRequest {
  const context = event.requestContext;
  const headers = headersOf(event);
  const rawPath = withoutStage(event.rawPath, context.stage);
  const path = encodePath(rawPath);
  return {
    payloadVersion: '2.0',
    answerFormat: 'http',
    method: context.http.method,
    path,
    query: event.rawQueryString,
    pathAmbiguity: decodedPathAmbiguity(rawPath) ?? unsafePath(path),
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
    accountUid: context.accountId,
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
