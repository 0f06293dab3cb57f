import type { APIGatewayProxyEvent } from 'aws-lambda';
import type { HeaderPair } from '../../../lib/event/privacy/headers';
import type { ClaimNames } from '../../../lib/identity/claim-names';
import { whoOfRestEvent } from '../identity/rest-identity';
import { encodeNonAscii, undecodablePath } from '../../../lib/routing/path-encoding';
import { unsafePath } from '../../../lib/routing/path-readings';
import { decodedQueryAmbiguity, encodeQuery } from './encoding';
import type { IncomingRequest } from './incoming-request';
import { schemeOf, sourceOf } from './source';

/** API Gateway's own host names, under which the stage stands before the path; under a domain of one's own it does not. */
const EXECUTE_API = /^[^.]+\.execute-api\./;

/**
 * Reads the event of a REST API (payload format 1.0). It carries the path as it came; the query is decoded, so that
 * order between different names and the spelling of the encoding are lost.
 *
 * @see https://docs.aws.amazon.com/apigateway/latest/developerguide/set-up-lambda-proxy-integrations.html
 */
export function readRestEvent(event: APIGatewayProxyEvent, claimNames: ClaimNames = {}): IncomingRequest {
  const context = event.requestContext;
  const headers = headersOf(event);
  const parameters = event.multiValueQueryStringParameters ?? wrapped(event.queryStringParameters);
  const path = encodeNonAscii(event.path);
  return {
    payloadVersion: '1.0',
    answerFormat: 'rest',
    method: event.httpMethod,
    path,
    query: encodeQuery(parameters),
    pathAmbiguity: undecodablePath(event.path) ?? unsafePath(path),
    queryAmbiguity: decodedQueryAmbiguity(parameters),
    publicPrefix: EXECUTE_API.test(context.domainName ?? '') ? `/${context.stage}` : '',
    headers,
    body: Buffer.from(event.body ?? '', event.isBase64Encoded ? 'base64' : 'utf8'),
    time: context.requestTimeEpoch,
    requestUid: context.requestId,
    extendedRequestUid: context.extendedRequestId,
    apiUid: context.apiId,
    stage: context.stage,
    accountUid: context.accountId,
    hostname: context.domainName,
    scheme: schemeOf(headers),
    protocol: context.protocol,
    who: whoOfRestEvent(context, claimNames),
    source: sourceOf(context.identity.sourceIp, { vpc: context.identity.vpcId, vpce: context.identity.vpceId }),
  };
}

function headersOf(event: APIGatewayProxyEvent): HeaderPair[] {
  // Both maps may be null, e.g. in console tests.
  const lists = (event.multiValueHeaders as typeof event.multiValueHeaders | null) ?? wrapped(event.headers);
  return Object.entries(lists).flatMap(([name, values]) => (values ?? []).map((value): HeaderPair => [name, value]));
}

function wrapped(map: Readonly<Record<string, string | undefined>> | null): Record<string, string[]> {
  return Object.fromEntries(
    Object.entries(map ?? {}).flatMap(([name, value]) => (value === undefined ? [] : [[name, [value]]])),
  );
}
