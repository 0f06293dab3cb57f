import type { APIGatewayProxyEvent, APIGatewayProxyEventV2 } from 'aws-lambda';
import { readHttpEvent } from './http-event';
import type { IncomingRequest } from './incoming-request';
import { readRestEvent } from './rest-event';

/** Reads whatever kind of API Gateway event came. */
export function readEvent(event: unknown): IncomingRequest {
  if (isObject(event) && event.version === '2.0') return readHttpEvent(event as unknown as APIGatewayProxyEventV2);
  if (isObject(event) && typeof event.httpMethod === 'string' && isObject(event.requestContext)) {
    return readRestEvent(event as unknown as APIGatewayProxyEvent);
  }
  throw new TypeError('the function takes API Gateway proxy events only (REST, or HTTP API with payload format 2.0)');
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}
