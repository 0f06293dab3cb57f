import type { APIGatewayProxyEvent, APIGatewayProxyEventV2, Context } from 'aws-lambda';
import type { UidsAndClock } from '../../../lib/event/build';
import { cleanEvent } from '../../../lib/event/clean';
import type { ClaimNames } from '../../../lib/identity/claim-names';
import type { ProxySettings } from '../../../lib/routing/proxy-settings';
import { gatewaySecretCheck } from './gateway-secret';
import { readHttpEvent } from './http-event';
import type { IncomingRequest } from './incoming-request';
import { isObject, refusedRequest } from './refused-request';
import { readRestEvent } from './rest-event';

export interface ReaderOptions {
  readonly settings: Pick<ProxySettings, 'gatewaySecretHashes' | 'claimNames'>;
  readonly uidsAndClock: UidsAndClock;
}

/** Reads the event of an invocation. It never throws: whatever comes gets an answer and a record. */
export type ReadEvent = (event: unknown, context: Context) => IncomingRequest;

/**
 * Makes the reader of events. Who may invoke the function can give it any event; only the API's stage knows the secret, so only
 * an event that holds it is believed. All others become requests that are refused.
 */
export function eventReader({ settings, uidsAndClock }: ReaderOptions): ReadEvent {
  const isFromGateway = gatewaySecretCheck(settings.gatewaySecretHashes);
  return (event, context) => {
    const isVerified = isObject(event) && isFromGateway(event);
    const request = isVerified ? requestOf(event, settings.claimNames) : undefined;
    return request ?? refusedRequest(event, isVerified, context, uidsAndClock);
  };
}

/** The request of an event that the API's stage sent; undefined if that holds none after all. */
function requestOf(event: object, claimNames: ClaimNames = {}): IncomingRequest | undefined {
  try {
    const request =
      'version' in event && event.version === '2.0'
        ? readHttpEvent(event as APIGatewayProxyEventV2, claimNames)
        : readRestEvent(event as APIGatewayProxyEvent, claimNames);
    checkTypes(request);
    return request;
  } catch {
    // API Gateway makes no such event. The error may quote a value of it, which must not be written anywhere.
    return undefined;
  }
}

/** @throws TypeError if the event holds something that no record can hold: what comes of it could not be recorded either */
function checkTypes({ who, source, ...request }: IncomingRequest): void {
  const { method, path, query, requestUid, headers, time } = request;
  const texts = [method, path, query, requestUid, ...headers.map(([, value]) => value)];
  if (!texts.every((text) => typeof text === 'string')) throw new TypeError('a text is missing');
  cleanEvent({
    time,
    actor: who.actor,
    src_endpoint: source,
    cloud: { account: { uid: request.accountUid } },
    http_request: { url: { hostname: request.hostname }, version: request.protocol },
    unmapped: { extended_request_id: request.extendedRequestUid, api_uid: request.apiUid, stage: request.stage },
  });
  if (time === undefined) throw new TypeError('the time is missing');
}
