import type { Context } from 'aws-lambda';
import { MAX_CAPTURE_BYTES } from '../../../lib/routing/record';
import type { AfterResponse } from '../after-response';
import { call } from '../forward/call';
import type { OutgoingRequest, ServiceAnswer } from '../forward/exchange';
import type { Upstream } from '../forward/upstream';
import type { AnswerFormat } from '../incoming/incoming-request';
import { asProblem, Problem, type ProblemCode } from '../problem';
import type { CallersStream } from '../streaming/callers-stream';
import { PassedOn } from '../streaming/passed-on';
import { MAX_PRELUDE_BYTES, preludeOf } from '../streaming/prelude';
import { answeringTimeMs } from '../time-limits';
import type { AfterAnswer, Reply, Way } from './way';

/**
 * Most bytes of a streamed answer, with some room for its prelude.
 *
 * @see https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html
 */
export const MAX_STREAMED_BYTES = 200 * 1024 * 1024 - 16 * 1024;

/** What an answer of our own has at least, as the service may have taken all the time; half of what is kept back for recording. */
const OWN_ANSWER_MS = 250;

export type StreamedBody = AsyncIterable<Buffer> | Iterable<Buffer>;

/**
 * Answers are passed on as the service gives them, no faster than the caller takes them. The result is the problem by which the
 * answer broke off, if it did: the invocation must fail then, or the caller would take a part for the whole.
 */
export class StreamedWay implements Way<StreamedBody, Problem | undefined> {
  private readonly calling = new AbortController();
  /** When the service's answer must be over, monotonic milliseconds; undefined where it is not what the caller gets. */
  private deadline: number | undefined;
  private called: ServiceAnswer | undefined;

  constructor(
    private readonly caller: CallersStream,
    private readonly format: AnswerFormat,
    private readonly context: Context,
    private readonly afterResponse: AfterResponse,
  ) {
    caller.whenLeft(() => this.abandon('client_left'));
  }

  readonly timeLeftMs = (): number => answeringTimeMs(this.context);

  async call(upstream: Upstream, request: OutgoingRequest, timeoutMs: number): Promise<ServiceAnswer> {
    const deadline = performance.now() + timeoutMs;
    const answer = await call(upstream, request, timeoutMs, this.calling.signal);
    if (isTooLarge(answer, request.method)) {
      this.abandon('answer_too_large');
      throw new Problem('answer_too_large', undefined, true, answer.retries);
    }
    this.deadline = deadline;
    this.called = answer;
    return answer;
  }

  lost(): Problem | undefined {
    const problem = this.called?.brokenOff();
    if (problem !== undefined) this.deadline = undefined;
    return problem;
  }

  abandon(code: ProblemCode): void {
    this.calling.abort(code);
    this.deadline = undefined;
  }

  bodyOf(bytes: Buffer): StreamedBody {
    return bytes.length === 0 ? [] : [bytes];
  }

  async give(reply: Reply<StreamedBody>, after: AfterAnswer, capture: boolean): Promise<Problem | undefined> {
    const passed = new PassedOn(capture ? MAX_CAPTURE_BYTES : 0);
    const problem = await this.pass(reply, passed).then(
      () => undefined,
      (error: unknown) => asProblem(error, true),
    );
    if (problem !== undefined) this.abandon(problem.code);
    const given = { bodyFacts: passed.facts(), body: passed.body, problem, endedAt: performance.now() };
    await this.afterResponse.runNow(async () => after(given)());
    return problem;
  }

  private async pass({ statusCode, headers, body }: Reply<StreamedBody>, passed: PassedOn): Promise<void> {
    const deadline = this.deadline ?? performance.now() + Math.max(OWN_ANSWER_MS, this.timeLeftMs());
    this.caller.begin(preludeOf(statusCode, headers, this.format));
    for await (const chunk of body) {
      if (passed.length + chunk.length > MAX_STREAMED_BYTES) throw new Problem('answer_too_large', undefined, true);
      this.caller.write(chunk);
      passed.add(chunk);
      await this.caller.ready(deadline);
    }
    await this.caller.end(deadline);
  }
}

/** What is known to be too large before any of it was passed on; where there is no body, its length tells of none. */
function isTooLarge({ statusCode, headers }: ServiceAnswer, method: string): boolean {
  if (Buffer.byteLength(JSON.stringify(headers)) > MAX_PRELUDE_BYTES) return true;
  const length = headers.find(([name]) => name.toLowerCase() === 'content-length')?.[1];
  return method !== 'HEAD' && statusCode !== 304 && Number(length ?? 0) > MAX_STREAMED_BYTES;
}
