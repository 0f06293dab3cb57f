import type { Context } from 'aws-lambda';
import type { UidsAndClock } from '../../../lib/event/build';
import { unverified } from '../../../lib/identity/caller';
import { encodeNonAscii } from '../../../lib/routing/path-encoding';
import type { IncomingRequest } from './incoming-request';
import { sourceOf } from './source';

/** By which Lambda is invoked; stands where the event names none of the methods that an API takes. */
const INVOKE_METHOD = 'POST';
const METHODS: ReadonlySet<unknown> = new Set(['DELETE', 'GET', 'HEAD', 'OPTIONS', 'PATCH', 'POST', 'PUT']);

const NO_PATH = '(unknown)';

/**
 * What is recorded of an invocation that did not come from the API's stage, or whose event is not a request. Time and ids are
 * Lambda's and our own, and there is no caller, source or stage: whoever made the event could claim any. Method, path and body
 * are what the event asks for, and tell an auditor what was tried; of an event that asks for nothing, the body is the event.
 *
 * @param isVerified whether the event holds the stage's secret
 */
export function refusedRequest(
  event: unknown,
  isVerified: boolean,
  context: Context,
  { now, uid }: UidsAndClock,
): IncomingRequest {
  const claims = isObject(event) ? claimsOf(event) : undefined;
  return {
    refusal: isVerified || claims === undefined ? 'unknown_event' : 'unverified_invocation',
    payloadVersion: claims?.payloadVersion,
    answerFormat: claims?.payloadVersion === '2.0' ? 'http' : 'rest',
    method: METHODS.has(claims?.method) ? text(claims?.method) : INVOKE_METHOD,
    path: encodeNonAscii(text(claims?.path) || NO_PATH),
    query: '',
    publicPrefix: '',
    headers: [],
    body: claims === undefined ? Buffer.from(JSON.stringify(event) ?? '') : bodyOf(claims),
    time: now(),
    // Also in CloudTrail, where data events of the function are logged.
    requestUid: context.awsRequestId || uid(),
    accountUid: /^arn:[^:]*:lambda:[^:]*:(\d{12}):/.exec(context.invokedFunctionArn)?.[1],
    scheme: '',
    who: unverified(),
    source: sourceOf(undefined),
  };
}

interface Claims {
  readonly payloadVersion: '1.0' | '2.0';
  readonly method: unknown;
  readonly path: unknown;
  readonly body: unknown;
  readonly isBase64Encoded: unknown;
}

/** What an event says of itself; undefined if it is not even shaped like one of API Gateway's. */
function claimsOf(event: Readonly<Record<string, unknown>>): Claims | undefined {
  const { version, requestContext, httpMethod, path, rawPath, body, isBase64Encoded } = event;
  if (!isObject(requestContext)) return undefined;
  if (version === '2.0') {
    if (!isObject(requestContext.http)) return undefined;
    return { payloadVersion: '2.0', method: requestContext.http.method, path: rawPath, body, isBase64Encoded };
  }
  // Load balancers send the same fields, and no identity.
  if (typeof httpMethod !== 'string' || !isObject(requestContext.identity)) return undefined;
  return { payloadVersion: '1.0', method: httpMethod, path, body, isBase64Encoded };
}

function bodyOf({ body, isBase64Encoded }: Claims): Buffer {
  return Buffer.from(text(body), isBase64Encoded === true ? 'base64' : 'utf8');
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}
