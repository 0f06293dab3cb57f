import { createHash } from 'node:crypto';
import type { Context } from 'aws-lambda';
import { attemptDraft, outcomeDraft, type UidsAndClock } from '../../lib/event/build';
import type { EventDraft } from '../../lib/event/chain';
import type { BodyFacts, Destination, OutcomeFacts, RequestFacts, WriterFacts } from '../../lib/event/request-facts';
import { JWKS_PATH } from '../../lib/routing/assertion';
import { PROXY_METRICS } from '../../lib/routing/proxy-metrics';
import type { ProxySettings } from '../../lib/routing/proxy-settings';
import type { Route } from '../../lib/routing/route';
import { RouteTable } from '../../lib/routing/route-table';
import type { Recorder, Recorded } from '../recorder/recorder';
import type { AfterResponse } from './after-response';
import { maxResultBytes, resultOf, type Answer, type ProxyResult } from './answer';
import type { Assertions } from './assertion/assertions';
import { checkRequest } from './check-request';
import { callersLocation } from './forward/location';
import { forward, type OutgoingRequest } from './forward/forward';
import { requestHeaders } from './forward/request-headers';
import { responseHeaders } from './forward/response-headers';
import { targetOf, upstreamOf, type Upstream } from './forward/upstream';
import type { IncomingRequest } from './incoming/incoming-request';
import { readEvent } from './incoming/read-event';
import type { Privacy } from './privacy/privacy';
import { metricLine } from './metric';
import type { Gate } from './policy/gate';
import { Problem, problemAnswer } from './problem';
import { traceOf, type Trace } from './trace';

export interface HandlerOptions {
  readonly settings: ProxySettings;
  readonly recorder: Recorder;
  readonly afterResponse: AfterResponse;
  /** Tells the services who called; undefined where they are not told. */
  readonly assertions?: Assertions | undefined;
  /** What routes say of what is recorded; undefined where none says anything. */
  readonly privacy?: Privacy | undefined;
  /** Text of a secret; needed where a route names certificates. */
  readonly readSecret?: (id: string) => Promise<string>;
  /** Decides what may pass; undefined where all may that the edge let in. */
  readonly gate?: Gate | undefined;
  readonly writer: Omit<WriterFacts, 'accountUid'>;
  readonly uidsAndClock: UidsAndClock;
}

export type ProxyHandler = (event: unknown, context: Context) => Promise<ProxyResult>;

/** Time that is kept back before the function's own time limit, so that the event is written before it strikes. */
const RESERVE_MS = 500;
/** By then the answer must be known, counted from the start of the invocation: API Gateway gives up after 29 s. */
const ANSWER_LIMIT_MS = 28_500;

/** The proxy function: reads the event, finds the route, forwards, records, answers; in the order of the guarantee. */
export function createHandler(options: HandlerOptions): ProxyHandler {
  const passages = new Passages(options);
  return async (event, context) => {
    let request: IncomingRequest;
    let answer: Answer;
    try {
      request = readEvent(event, options.uidsAndClock, options.settings.claimNames);
      answer = await passages.handle(request, context);
    } catch (error) {
      // No request, or a fault of our own that cannot even be recorded: API Gateway answers 502, its log is the witness.
      await options.afterResponse.run(async () => undefined);
      throw error;
    }
    return resultOf(answer, request.answerFormat);
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

/** How the call to the service ended. */
interface ServiceAnswer {
  readonly answer: Answer;
  readonly bodyFacts: BodyFacts;
  readonly retries: number;
  /** Where the proxy answers in the service's place. */
  readonly problem: Problem | undefined;
  /** Monotonic milliseconds. */
  readonly startedAt: number;
  readonly doneAt: number;
}

class Passages {
  private readonly routes: RouteTable;
  private readonly upstreams: ReadonlyMap<string, Upstream>;

  constructor(private readonly options: HandlerOptions) {
    this.routes = new RouteTable(options.settings.routes);
    this.upstreams = new Map(options.settings.routes.map((route) => [route.path, this.newUpstream(route)]));
  }

  async handle(request: IncomingRequest, context: Context): Promise<Answer> {
    let passage = this.passageOf(request, context);
    let upstream: Upstream | undefined;
    try {
      upstream = this.upstreamOf(request.path);
      checkRequest(request, this.options.settings.maxBodyBytes);
      if (this.asksForKeySet(request)) return await this.answerKeySet(passage);
      if (upstream === undefined) throw new Problem('no_route');
      const judgement = this.options.gate?.judge(request, upstream.route.path);
      passage = withAuthorizations(passage, judgement?.authorizations);
      if (judgement?.problem !== undefined) throw judgement.problem;
      return await this.letIn(passage, upstream);
    } catch (error) {
      return this.refuse(passage, upstream, asProblem(error));
    }
  }

  private newUpstream(route: Route): Upstream {
    const { readSecret, writer, uidsAndClock } = this.options;
    const upstream = upstreamOf(route, {
      ...(readSecret && { readSecret }),
      onCircuitOpen: () => {
        const { circuitOpened } = PROXY_METRICS;
        process.stdout.write(
          `${metricLine(circuitOpened, writer.functionName ?? 'local', route.service, uidsAndClock.now())}\n`,
        );
      },
    });
    // At cold start, not under the first request; what cannot be read now is told, and tried again, there.
    upstream.tls?.agent().catch(() => undefined);
    return upstream;
  }

  private upstreamOf(path: string): Upstream | undefined {
    const route = this.routes.match(path);
    return route && this.upstreams.get(route.path);
  }

  /**
   * Answers in the service's place. Unless the route says otherwise, the answer waits for its record: there is nothing to
   * overlap it with. An answer that says that nothing could be recorded does not wait for that a second time.
   */
  private async refuse(passage: Passage, upstream: Upstream | undefined, problem: Problem): Promise<Answer> {
    const answer = problemAnswer(problem, passage.request.requestUid);
    const outcome = this.outcomeDraft(passage, upstream, answer, bodyFacts(answer.body), {
      forwarded: problem.forwarded,
      problem,
    });
    const recordAfter = upstream?.route.guarantee === 'AFTER_RESPONSE' || problem.code === 'unrecorded';
    const record = () => this.recordOutcome(passage, upstream, outcome, answer);
    if (!recordAfter) await record();
    await this.options.afterResponse.run(async () => void (recordAfter && (await record())));
    return answer;
  }

  private asksForKeySet({ method, path }: IncomingRequest): boolean {
    return this.options.assertions !== undefined && path === JWKS_PATH && /^(?:GET|HEAD)$/.test(method);
  }

  /** The keys of the assertions are public, and who asked for them is recorded as any other request. */
  private async answerKeySet(passage: Passage): Promise<Answer> {
    const answer = await this.options.assertions!.keySetAnswer(passage.request.requestUid).catch(withoutKeys);
    const outcome = this.outcomeDraft(passage, undefined, answer, bodyFacts(answer.body), {
      forwarded: false,
      problem: undefined,
    });
    await this.record(passage, outcome);
    await this.options.afterResponse.run(async () => undefined);
    return answer;
  }

  private async letIn(passage: Passage, upstream: Upstream): Promise<Answer> {
    const outgoing = outgoingOf(passage, upstream, await this.assertionFor(passage, upstream));
    switch (upstream.route.guarantee) {
      case 'BEFORE_FORWARD':
        return this.recordThenForward(passage, upstream, outgoing);
      case 'BEFORE_RESPONSE':
        return this.recordWhileForwarding(passage, upstream, outgoing);
      case 'AFTER_RESPONSE':
        return this.forwardThenRecord(passage, upstream, outgoing);
    }
  }

  private async assertionFor({ request, facts }: Passage, { route }: Upstream): Promise<string | undefined> {
    const { requestUid, who } = request;
    const { correlationUid } = facts;
    return this.options.assertions
      ?.sign({ who, service: route.service, correlationUid, requestUid })
      .catch(withoutKeys);
  }

  /** BEFORE_FORWARD: attempt durable, then forward, answer, outcome. */
  private async recordThenForward(passage: Passage, upstream: Upstream, outgoing: OutgoingRequest): Promise<Answer> {
    const attempt = await this.record(passage, this.attemptDraft(passage, upstream));
    if (!attempt.durable) throw new Problem('unrecorded');
    const service = await this.callService(passage, upstream, outgoing);
    // The whole of it was waited for.
    return this.answer(passage, upstream, service, { attemptUs: attempt.elapsedUs, waitedUs: attempt.elapsedUs });
  }

  /** BEFORE_RESPONSE: forward and attempt at the same time, answer when both are done, outcome after it. */
  private async recordWhileForwarding(
    passage: Passage,
    upstream: Upstream,
    outgoing: OutgoingRequest,
  ): Promise<Answer> {
    // Sealed before the service is called: what cannot be sealed is not forwarded.
    const sealed = this.options.recorder.seal(this.attemptDraft(passage, upstream));
    const [service, attempt] = await Promise.all([
      this.callService(passage, upstream, outgoing),
      this.options.recorder.write(sealed, limitOf(passage.context)),
    ]);
    if (!attempt.durable && upstream.route.onUnrecorded === 'refuse') {
      throw new Problem('unrecorded', undefined, service.problem?.forwarded ?? true, service.retries);
    }
    const waitedUs = microseconds(performance.now() - service.doneAt);
    return this.answer(passage, upstream, service, { attemptUs: attempt.elapsedUs, waitedUs });
  }

  /** AFTER_RESPONSE: forward, answer, outcome. */
  private async forwardThenRecord(passage: Passage, upstream: Upstream, outgoing: OutgoingRequest): Promise<Answer> {
    return this.answer(passage, upstream, await this.callService(passage, upstream, outgoing), {});
  }

  /** Gives the service's answer; its outcome is recorded after that. */
  private async answer(
    passage: Passage,
    upstream: Upstream,
    service: ServiceAnswer,
    timings: Pick<OutcomeFacts, 'attemptUs' | 'waitedUs'>,
  ): Promise<Answer> {
    try {
      const outcome = this.outcomeDraft(passage, upstream, service.answer, service.bodyFacts, {
        forwarded: service.problem?.forwarded ?? true,
        problem: service.problem,
        retries: service.retries,
        upstreamUs: microseconds(service.doneAt - service.startedAt),
        ...timings,
      });
      await this.options.afterResponse.run(() => this.recordOutcome(passage, upstream, outcome, service.answer));
      return service.answer;
    } catch (error) {
      throw asProblem(error, true);
    }
  }

  /** The service's answer, or the problem that stands in its place. */
  private async callService(passage: Passage, upstream: Upstream, outgoing: OutgoingRequest): Promise<ServiceAnswer> {
    const { request, context, facts } = passage;
    const startedAt = performance.now();
    const timeoutMs = Math.min(
      upstream.route.timeoutMs,
      context.getRemainingTimeInMillis() - 2 * RESERVE_MS,
      facts.startTime + ANSWER_LIMIT_MS - this.options.uidsAndClock.now(),
    );
    try {
      const { statusCode, headers, body, ...rest } = await forward(upstream, outgoing, timeoutMs);
      const bodiless = request.method === 'HEAD' || statusCode === 304;
      const passed = responseHeaders(headers, request.requestUid, bodiless);
      const { rewriteLocation } = upstream.route;
      const answered = rewriteLocation ? callersLocation(passed, upstream, request.publicPrefix) : passed;
      const answer: Answer = { statusCode, headers: answered, body };
      return { ...rest, answer, problem: undefined, startedAt, doneAt: performance.now() };
    } catch (error) {
      const problem = asProblem(error);
      const answer = problemAnswer(problem, request.requestUid);
      const { retries } = problem;
      return { answer, bodyFacts: bodyFacts(answer.body), retries, problem, startedAt, doneAt: performance.now() };
    }
  }

  /** With the bodies, where the route captures them. */
  private async recordOutcome(
    passage: Passage,
    upstream: Upstream | undefined,
    draft: EventDraft,
    answer: Answer,
  ): Promise<Recorded> {
    const { privacy, settings } = this.options;
    if (privacy === undefined || upstream === undefined) return this.record(passage, draft);
    // Half of what is left is for the event itself.
    const limitMs = Math.min(settings.recordingLimitMs, limitOf(passage.context) / 2);
    const whole = await privacy.withBodies(draft, upstream.route, passage.request, answer, limitMs);
    return this.record(passage, whole);
  }

  private async record(passage: Passage, draft: EventDraft): Promise<Recorded> {
    return this.options.recorder.write(this.options.recorder.seal(draft), limitOf(passage.context));
  }

  private attemptDraft({ facts, writer }: Passage, upstream: Upstream): EventDraft {
    return attemptDraft(facts, this.destinationOf(upstream), writer, this.options.uidsAndClock);
  }

  private outcomeDraft(
    { facts, writer }: Passage,
    upstream: Upstream | undefined,
    { statusCode, headers }: Answer,
    body: BodyFacts,
    rest: Omit<OutcomeFacts, 'endTime' | 'statusCode' | 'headers' | 'body'>,
  ): EventDraft {
    const { uidsAndClock } = this.options;
    const outcome = { ...rest, endTime: uidsAndClock.now(), statusCode, headers, body };
    return outcomeDraft(facts, upstream && this.destinationOf(upstream), outcome, writer, uidsAndClock);
  }

  private destinationOf({ route, hostname, port }: Upstream): Destination {
    const rules = this.options.privacy?.fieldRules(route);
    return { routePath: route.path, service: route.service, guarantee: route.guarantee, hostname, port, rules };
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

/** From here on in each of its events. */
function withAuthorizations(passage: Passage, authorizations: RequestFacts['authorizations']): Passage {
  return authorizations === undefined ? passage : { ...passage, facts: { ...passage.facts, authorizations } };
}

/** @throws Problem if the request cannot be put in a form that the service reads as we do */
function outgoingOf({ request, trace }: Passage, upstream: Upstream, assertion: string | undefined): OutgoingRequest {
  return {
    method: request.method,
    target: targetOf(upstream, request.path, request.query),
    headers: requestHeaders(request, upstream.host, trace, assertion),
    body: request.body,
    maxResultBytes: maxResultBytes(request.answerFormat),
  };
}

/** A service must not be called by somebody whom nobody vouches for. */
function withoutKeys(error: unknown): never {
  console.error(error);
  throw new Problem('no_assertion');
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
