import type { Context } from 'aws-lambda';
import type { UidsAndClock } from '../../lib/event/build';
import type { RequestFacts, WriterFacts } from '../../lib/event/request-facts';
import { bodyFacts } from './body-facts';
import type { OutgoingRequest } from './forward/exchange';
import { requestHeaders } from './forward/request-headers';
import { targetOf, type Upstream } from './forward/upstream';
import type { IncomingRequest } from './incoming/incoming-request';
import { traceOf, type Trace } from './trace';

/** What is known of one request on its way through. */
export interface Passage {
  readonly request: IncomingRequest;
  readonly context: Context;
  readonly facts: RequestFacts;
  readonly trace: Trace;
  readonly writer: WriterFacts;
}

export function passageOf(
  request: IncomingRequest,
  context: Context,
  writer: WriterFacts,
  uidsAndClock: UidsAndClock,
): Passage {
  const trace = traceOf(request.headers);
  const facts: RequestFacts = {
    ...request,
    body: bodyFacts(request.body),
    startTime: uidsAndClock.now(),
    correlationUid: uidsAndClock.uid(),
    trace,
    invocationUid: context.awsRequestId,
  };
  return { request, context, facts, trace, writer: { ...writer, accountUid: request.accountUid } };
}

/** From here on in each of its events. */
export function withAuthorizations(passage: Passage, authorizations: RequestFacts['authorizations']): Passage {
  return authorizations === undefined ? passage : { ...passage, facts: { ...passage.facts, authorizations } };
}

/** @throws Problem if the request cannot be put in a form that the service reads as we do */
export function outgoingOf(
  { request, trace }: Passage,
  upstream: Upstream,
  assertion: string | undefined,
): OutgoingRequest {
  return {
    method: request.method,
    target: targetOf(upstream, request.path, request.query),
    headers: requestHeaders(request, upstream, trace, assertion),
    body: request.body,
  };
}
