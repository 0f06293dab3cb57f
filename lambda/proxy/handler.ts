import { createHash } from 'node:crypto';
import type { APIGatewayProxyResult, APIGatewayProxyStructuredResultV2, Context } from 'aws-lambda';
import { attemptDraft, outcomeDraft, type UidsAndClock } from '../../lib/event/build';
import type { BodyFacts, Destination, OutcomeFacts, RequestFacts, WriterFacts } from '../../lib/event/request-facts';
import type { ProxySettings } from '../../lib/routing/proxy-settings';
import { RouteTable } from '../../lib/routing/route-table';
import type { Recorder, Recorded } from '../recorder/recorder';
import type { AfterResponse } from './after-response';
import { httpResult, restResult, type Answer } from './answer';
import { checkRequest } from './check-request';
import { forward, type OutgoingRequest } from './forward/forward';
import { requestHeaders } from './forward/request-headers';
import { responseHeaders } from './forward/response-headers';
import { targetOf, upstreamOf, type Upstream } from './forward/upstream';
import type { IncomingRequest } from './incoming/incoming-request';
import { readEvent } from './incoming/read-event';
import { Problem, problemAnswer } from './problem';
import { traceOf, type Trace } from './trace';

export interface HandlerOptions {
  readonly settings: ProxySettings;
  readonly recorder: Recorder;
  readonly afterResponse: AfterResponse;
  readonly writer: Omit<WriterFacts, 'accountUid'>;
  readonly uidsAndClock: UidsAndClock;
}

export type ProxyResult = APIGatewayProxyResult | APIGatewayProxyStructuredResultV2;
export type ProxyHandler = (event: unknown, context: Context) => Promise<ProxyResult>;

/** Time that is kept back before the function's own time limit, so that the event is written before it strikes. */
const RESERVE_MS = 500;

/**
 * The proxy function: reads the event, finds the route, forwards, records, answers. In order, for a request that is let
 * in (guarantee BEFORE_RESPONSE): the attempt is sealed, the call to the service and the writing of the attempt run side
 * by side, the answer goes out when both are done, the outcome is written after it.
 */
export function createHandler(options: HandlerOptions): ProxyHandler {
  const passages = new Passages(options);
  return async (event, context) => {
    let request: IncomingRequest;
    let answer: Answer;
    try {
      request = readEvent(event);
      answer = await passages.handle(request, context);
    } catch (error) {
      // No request, or a fault of our own that cannot even be recorded: API Gateway answers 502, its log is the witness.
      await options.afterResponse.run(async () => undefined);
      throw error;
    }
    return request.payloadVersion === '1.0' ? restResult(answer) : httpResult(answer);
  };
}

/** What is known of one request on its way through. */
interface Passage {
  readonly request: IncomingRequest;
  readonly context: Context;
  readonly facts: RequestFacts;
  readonly trace: Trace;
  readonly writer: WriterFacts;
}

class Passages {
  private readonly routes: RouteTable;
  private readonly upstreams: ReadonlyMap<string, Upstream>;

  constructor(private readonly options: HandlerOptions) {
    this.routes = new RouteTable(options.settings.routes);
    this.upstreams = new Map(options.settings.routes.map((route) => [route.path, upstreamOf(route)]));
  }

  async handle(request: IncomingRequest, context: Context): Promise<Answer> {
    const passage = this.passageOf(request, context);
    let upstream: Upstream | undefined;
    try {
      upstream = this.upstreamOf(request.path);
      checkRequest(request, this.options.settings.maxBodyBytes);
      if (upstream === undefined) throw new Problem('no_route');
      return await this.letIn(passage, upstream);
    } catch (error) {
      return this.refuse(passage, upstream && destinationOf(upstream), asProblem(error));
    }
  }

  private upstreamOf(path: string): Upstream | undefined {
    const route = this.routes.match(path);
    return route && this.upstreams.get(route.path);
  }

  /** Answers in the service's place. The answer waits for its record: there is nothing to overlap it with. */
  private async refuse(passage: Passage, destination: Destination | undefined, problem: Problem): Promise<Answer> {
    const answer = problemAnswer(problem, passage.request.requestUid);
    const { forwarded } = problem;
    const outcome = this.outcomeOf(answer, bodyFacts(answer.body), { forwarded, problem });
    await this.record(
      passage,
      outcomeDraft(passage.facts, destination, outcome, passage.writer, this.options.uidsAndClock),
    );
    await this.options.afterResponse.run(async () => undefined);
    return answer;
  }

  private async letIn(passage: Passage, upstream: Upstream): Promise<Answer> {
    const { uidsAndClock, recorder } = this.options;
    const { context, facts, writer } = passage;
    const destination = destinationOf(upstream);
    const outgoing = outgoingOf(passage, upstream);
    // Sealed before the service is called: what cannot be recorded is not forwarded.
    const attempt = recorder.seal(attemptDraft(facts, destination, writer, uidsAndClock));

    const started = performance.now();
    const forwarding = this.callService(passage, upstream, outgoing);
    try {
      const [service, recorded] = await Promise.all([forwarding, recorder.write(attempt, limitOf(context))]);
      const answeredAt = performance.now();
      const { answer, problem } = service;
      const outcome = this.outcomeOf(answer, service.bodyFacts, {
        forwarded: problem?.forwarded ?? true,
        problem,
        retries: service.retries,
        upstreamUs: microseconds(service.doneAt - started),
        attemptUs: recorded.elapsedUs,
        waitedUs: microseconds(answeredAt - service.doneAt),
      });
      const outcomeEvent = outcomeDraft(facts, destination, outcome, writer, uidsAndClock);
      await this.options.afterResponse.run(() => this.record(passage, outcomeEvent));
      return answer;
    } catch (error) {
      throw asProblem(error, true);
    }
  }

  /** The service's answer, or the problem that stands in its place. */
  private async callService({ request, context }: Passage, upstream: Upstream, outgoing: OutgoingRequest) {
    const timeoutMs = Math.min(upstream.route.timeoutMs, context.getRemainingTimeInMillis() - 2 * RESERVE_MS);
    try {
      const { statusCode, headers, body, ...rest } = await forward(upstream, outgoing, timeoutMs);
      const bodiless = request.method === 'HEAD' || statusCode === 304;
      const answer: Answer = { statusCode, headers: responseHeaders(headers, request.requestUid, bodiless), body };
      return { ...rest, answer, problem: undefined, doneAt: performance.now() };
    } catch (error) {
      const problem = asProblem(error);
      const answer = problemAnswer(problem, request.requestUid);
      const { retries } = problem;
      return { answer, bodyFacts: bodyFacts(answer.body), retries, problem, doneAt: performance.now() };
    }
  }

  private async record(passage: Passage, draft: Parameters<Recorder['seal']>[0]): Promise<Recorded> {
    return this.options.recorder.write(this.options.recorder.seal(draft), limitOf(passage.context));
  }

  private outcomeOf(
    answer: Answer,
    body: BodyFacts,
    rest: Omit<OutcomeFacts, 'endTime' | 'statusCode' | 'headers' | 'body'>,
  ): OutcomeFacts {
    const { statusCode, headers } = answer;
    return { ...rest, endTime: this.options.uidsAndClock.now(), statusCode, headers, body };
  }

  private passageOf(request: IncomingRequest, context: Context): Passage {
    const trace = traceOf(request.headers);
    const { uidsAndClock, writer } = this.options;
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
}

function destinationOf({ route, hostname, port }: Upstream): Destination {
  return { routePath: route.path, service: route.service, guarantee: route.guarantee, hostname, port };
}

/** @throws Problem if the request cannot be put in a form that the service reads as we do */
function outgoingOf({ request, trace }: Passage, upstream: Upstream): OutgoingRequest {
  return {
    method: request.method,
    target: targetOf(upstream, request.path, request.query),
    headers: requestHeaders(request, upstream.host, trace),
    body: request.body,
  };
}

/** A fault of our own must neither show its stack to the caller nor go unrecorded. */
function asProblem(error: unknown, forwarded = false): Problem {
  if (error instanceof Problem) return error;
  console.error(error);
  return new Problem('internal_error', undefined, forwarded);
}

function limitOf(context: Context): number {
  return context.getRemainingTimeInMillis() - RESERVE_MS;
}

function bodyFacts(body: Buffer): BodyFacts {
  return { length: body.length, sha256: createHash('sha256').update(body).digest('hex') };
}

function microseconds(milliseconds: number): number {
  return Math.max(0, Math.round(milliseconds * 1000));
}
