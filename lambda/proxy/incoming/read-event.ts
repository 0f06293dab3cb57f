import type { ALBEvent, APIGatewayProxyEvent, APIGatewayProxyEventV2 } from 'aws-lambda';
import type { UidsAndClock } from '../../../lib/event/build';
import type { ClaimNames } from '../../../lib/identity/claim-names';
import { readAlbEvent } from './alb-event';
import { readHttpEvent } from './http-event';
import type { IncomingRequest } from './incoming-request';
import { readRestEvent } from './rest-event';

/**
 * Reads whatever kind of event came.
 *
 * @param from ids and time, where the event has none
 * @param claimNames names of claims that hold in place of the usual ones
 * @throws TypeError for what is no HTTP request
 */
export function readEvent(event: unknown, from: UidsAndClock, claimNames: ClaimNames = {}): IncomingRequest {
  if (isObject(event) && event.version === '2.0')
    return readHttpEvent(event as unknown as APIGatewayProxyEventV2, claimNames);
  if (isObject(event) && typeof event.httpMethod === 'string' && isObject(event.requestContext)) {
    if (isObject(event.requestContext.elb)) return readAlbEvent(event as unknown as ALBEvent, from);
    return readRestEvent(event as unknown as APIGatewayProxyEvent, claimNames);
  }
  throw new TypeError(
    'the function takes events of API Gateway (REST, or payload format 2.0), function URLs and load balancers only',
  );
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}
