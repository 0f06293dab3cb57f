import type { Context } from 'aws-lambda';
import type { UidsAndClock } from '../../lib/event/build';
import type { OutcomeFacts, WriterFacts } from '../../lib/event/request-facts';
import { JWKS_PATH } from '../../lib/routing/assertion';
import { readPath } from '../../lib/routing/path-readings';
import type { ProxySettings } from '../../lib/routing/proxy-settings';
import type { Recorder } from '../recorder/recorder';
import type { AfterResponse } from './after-response';
import type { Assertions } from './assertion/assertions';
import { bodyFacts } from './body-facts';
import { checkRequest } from './check-request';
import { callersLocation } from './forward/location';
import type { OutgoingRequest } from './forward/exchange';
import { responseHeaders } from './forward/response-headers';
import type { Upstream } from './forward/upstream';
import type { IncomingRequest } from './incoming/incoming-request';
import { outgoingOf, passageOf, withAuthorizations, type Passage } from './passage';
import type { Gate } from './policy/gate';
import type { Privacy } from './privacy/privacy';
import { asProblem, Problem, problemAnswer } from './problem';
import { Records } from './records';
import { Services } from './services';
import type { Reply, Way } from './ways/way';

export interface ProxyOptions {
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

/** How the call to the service went, until there was something to pass on. */
interface Called<Body> {
  readonly reply: Reply<Body>;
  readonly retries: number;
  /** Where the proxy answers in the service's place. */
  readonly problem: Problem | undefined;
  /** Monotonic milliseconds. */
  readonly startedAt: number;
  readonly answeredAt: number;
}

/** Leads requests through: the order of what is checked, recorded, forwarded and answered, whatever the way of answering. */
export class Passages {
  private readonly services: Services;
  private readonly records: Records;

  constructor(readonly options: ProxyOptions) {
    const { settings, recorder, privacy, readSecret, writer, uidsAndClock } = options;
    const { functionName } = writer;
    this.services = new Services(settings.routes, { ...(readSecret && { readSecret }), functionName, clock: uidsAndClock }); // prettier-ignore
    this.records = new Records({ recorder, privacy, recordingLimitMs: settings.recordingLimitMs, uidsAndClock });
  }

  async handle<Body, Result>(request: IncomingRequest, context: Context, way: Way<Body, Result>): Promise<Result> {
    const { settings, gate, writer, uidsAndClock } = this.options;
    let passage = passageOf(request, context, writer, uidsAndClock);
    let upstream: Upstream | undefined;
    try {
      if (request.refusal !== undefined) throw new Problem(request.refusal);
      upstream = this.services.at(request.path);
      checkRequest(request, settings.maxBodyBytes);
      if (this.asksForKeySet(request)) return await this.answerKeySet(passage, way);
      if (upstream === undefined) throw new Problem('no_route');
      const path = readPath(request.path);
      const strays = this.services.strays(path, upstream.route);
      if (strays !== undefined) throw new Problem('ambiguous_path', strays);
      const judgement = gate?.judge(request, upstream.route, path);
      passage = withAuthorizations(passage, judgement?.authorizations);
      if (judgement?.problem !== undefined) throw judgement.problem;
      return await this.letIn(passage, upstream, way);
    } catch (error) {
      return this.refuse(passage, upstream, asProblem(error), way);
    }
  }

  /**
   * Answers in the service's place. Unless the route says otherwise, the answer waits for its record: there is nothing to
   * overlap it with. An answer that says that nothing could be recorded does not wait for that a second time.
   */
  private async refuse<Body, Result>(
    passage: Passage,
    upstream: Upstream | undefined,
    problem: Problem,
    way: Way<Body, Result>,
  ): Promise<Result> {
    const answer = problemAnswer(problem, passage.request.requestUid);
    const { statusCode, headers, body } = answer;
    const facts = { statusCode, headers, body: bodyFacts(body), forwarded: problem.forwarded, problem };
    const outcome = this.records.outcomeOf(passage, upstream, facts);
    const recordAfter = upstream?.route.guarantee === 'AFTER_RESPONSE' || problem.code === 'unrecorded';
    const record = () => this.records.writeOutcome(passage, upstream, outcome, answer);
    if (!recordAfter) await record();
    const after = async () => void (recordAfter && (await record()));
    return way.give({ ...answer, body: way.bodyOf(body) }, () => after, false);
  }

  private asksForKeySet({ method, path }: IncomingRequest): boolean {
    return this.options.assertions !== undefined && path === JWKS_PATH && /^(?:GET|HEAD)$/.test(method);
  }

  /** The keys of the assertions are public, and who asked for them is recorded as any other request. */
  private async answerKeySet<Body, Result>(passage: Passage, way: Way<Body, Result>): Promise<Result> {
    const answer = await this.options.assertions!.keySetAnswer(passage.request.requestUid).catch(withoutKeys);
    const { statusCode, headers, body } = answer;
    const facts = { statusCode, headers, body: bodyFacts(body), forwarded: false };
    const outcome = this.records.outcomeOf(passage, undefined, facts);
    await this.records.writeOutcome(passage, undefined, outcome, answer);
    return way.give({ ...answer, body: way.bodyOf(body) }, () => async () => undefined, false);
  }

  private async letIn<Body, Result>(passage: Passage, upstream: Upstream, way: Way<Body, Result>): Promise<Result> {
    const outgoing = outgoingOf(passage, upstream, await this.assertionFor(passage, upstream));
    switch (upstream.route.guarantee) {
      case 'BEFORE_FORWARD':
        return this.recordThenForward(passage, upstream, outgoing, way);
      case 'BEFORE_RESPONSE':
        return this.recordWhileForwarding(passage, upstream, outgoing, way);
      case 'AFTER_RESPONSE':
        return this.forwardThenRecord(passage, upstream, outgoing, way);
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
  private async recordThenForward<Body, Result>(
    passage: Passage,
    upstream: Upstream,
    outgoing: OutgoingRequest,
    way: Way<Body, Result>,
  ): Promise<Result> {
    const attempt = await this.records.write(passage, this.records.sealAttempt(passage, upstream));
    if (!attempt.durable) throw new Problem('unrecorded');
    const called = await this.callService(passage, upstream, outgoing, way);
    // The whole of it was waited for.
    return this.answer(passage, upstream, called, way, { attemptUs: attempt.elapsedUs, waitedUs: attempt.elapsedUs });
  }

  /** BEFORE_RESPONSE: forward and attempt at the same time, answer when both are done, outcome after it. */
  private async recordWhileForwarding<Body, Result>(
    passage: Passage,
    upstream: Upstream,
    outgoing: OutgoingRequest,
    way: Way<Body, Result>,
  ): Promise<Result> {
    // Sealed before the service is called: what cannot be sealed is not forwarded.
    const sealed = this.records.sealAttempt(passage, upstream);
    const [called, attempt] = await Promise.all([
      this.callService(passage, upstream, outgoing, way),
      this.records.write(passage, sealed),
    ]);
    if (!attempt.durable && upstream.route.onUnrecorded === 'refuse') {
      way.abandon('unrecorded');
      throw new Problem('unrecorded', undefined, called.problem?.forwarded ?? true, called.retries);
    }
    const waitedUs = microseconds(performance.now() - called.answeredAt);
    // What broke off meanwhile has not reached the caller yet, who can still be told.
    const lost = way.lost();
    const known = lost === undefined ? called : { ...called, ...insteadOf(lost, passage, way) };
    return this.answer(passage, upstream, known, way, { attemptUs: attempt.elapsedUs, waitedUs });
  }

  /** AFTER_RESPONSE: forward, answer, outcome. */
  private async forwardThenRecord<Body, Result>(
    passage: Passage,
    upstream: Upstream,
    outgoing: OutgoingRequest,
    way: Way<Body, Result>,
  ): Promise<Result> {
    const called = await this.callService(passage, upstream, outgoing, way);
    return this.answer(passage, upstream, called, way, {});
  }

  /** Gives the service's answer; its outcome is recorded after that. */
  private async answer<Body, Result>(
    passage: Passage,
    upstream: Upstream,
    { reply, retries, problem, startedAt, answeredAt }: Called<Body>,
    way: Way<Body, Result>,
    timings: Pick<OutcomeFacts, 'attemptUs' | 'waitedUs'>,
  ): Promise<Result> {
    const { statusCode, headers } = reply;
    try {
      return await way.give(
        reply,
        ({ bodyFacts, body, problem: brokenOff, endedAt = answeredAt }) => {
          const outcome = this.records.outcomeOf(passage, upstream, {
            statusCode,
            headers,
            body: bodyFacts,
            forwarded: problem?.forwarded ?? true,
            problem: problem ?? brokenOff,
            brokenOff: brokenOff !== undefined,
            retries,
            upstreamUs: microseconds(endedAt - startedAt),
            ...timings,
          });
          return () => this.records.writeOutcome(passage, upstream, outcome, { headers, body });
        },
        this.records.capturesAnswers(upstream),
      );
    } catch (error) {
      throw asProblem(error, true);
    }
  }

  /** The service's answer, or the problem that stands in its place. */
  private async callService<Body, Result>(
    passage: Passage,
    upstream: Upstream,
    outgoing: OutgoingRequest,
    way: Way<Body, Result>,
  ): Promise<Called<Body>> {
    const { request } = passage;
    const startedAt = performance.now();
    const { timeoutMs, rewriteLocation } = upstream.route;
    try {
      const answer = await way.call(upstream, outgoing, Math.min(timeoutMs, way.timeLeftMs()));
      const { statusCode, body, retries } = answer;
      const bodiless = request.method === 'HEAD' || statusCode === 304;
      const passed = responseHeaders(answer.headers, request.requestUid, bodiless);
      const headers = rewriteLocation ? callersLocation(passed, upstream, request.publicPrefix) : passed;
      const reply = { statusCode, headers, body };
      return { reply, retries, problem: undefined, startedAt, answeredAt: performance.now() };
    } catch (error) {
      return { ...insteadOf(asProblem(error), passage, way), startedAt, answeredAt: performance.now() };
    }
  }
}

/** What the caller gets where the service gave nothing to pass on. */
function insteadOf<Body>(
  problem: Problem,
  { request }: Passage,
  way: Way<Body, unknown>,
): Pick<Called<Body>, 'reply' | 'retries' | 'problem'> {
  const answer = problemAnswer(problem, request.requestUid);
  return { reply: { ...answer, body: way.bodyOf(answer.body) }, retries: problem.retries, problem };
}

/** A service must not be called by somebody whom nobody vouches for. */
function withoutKeys(error: unknown): never {
  console.error(error);
  throw new Problem('no_assertion');
}

function microseconds(milliseconds: number): number {
  return Math.max(0, Math.round(milliseconds * 1000));
}
