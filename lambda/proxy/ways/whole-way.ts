import type { Context } from 'aws-lambda';
import type { BodyFacts } from '../../../lib/event/request-facts';
import type { AfterResponse } from '../after-response';
import type { Answer } from '../answer';
import { bodyFacts } from '../body-facts';
import type { OutgoingRequest } from '../forward/exchange';
import { forward } from '../forward/forward';
import type { Upstream } from '../forward/upstream';
import { answeringTimeMs } from '../time-limits';
import type { AfterAnswer, Reply, Way } from './way';

/** By then the answer must be known, counted from the request's arrival: API Gateway gives up after 29 s. */
const ANSWER_LIMIT_MS = 28_500;

/** Longest time for which API Gateway waits for any function. A request that seems older is one that was replayed. */
const LONGEST_WAIT_MS = 30_000;

export interface WholeBody {
  readonly bytes: Buffer;
  readonly facts: BodyFacts;
}

/** Answers are whole before the caller gets any of them, and go back as the function's result. */
export class WholeWay implements Way<WholeBody, Answer> {
  /** Monotonic milliseconds. */
  private readonly answerBy: number;

  /** @param waitedMs what went by since the request arrived, by the clock: a cold start, or a wait for an environment */
  constructor(
    private readonly context: Context,
    private readonly afterResponse: AfterResponse,
    waitedMs: number,
  ) {
    const waited = waitedMs > 0 && waitedMs <= LONGEST_WAIT_MS ? waitedMs : 0;
    this.answerBy = performance.now() + ANSWER_LIMIT_MS - waited;
  }

  readonly timeLeftMs = (): number =>
    Math.max(0, Math.min(answeringTimeMs(this.context), this.answerBy - performance.now()));

  async call(upstream: Upstream, request: OutgoingRequest, timeoutMs: number) {
    const { body, bodyFacts, ...head } = await forward(upstream, request, timeoutMs);
    return { ...head, body: { bytes: body, facts: bodyFacts } };
  }

  /** The answer was read to its end: there is nothing left that could break off, or be given up. */
  lost(): undefined {
    return undefined;
  }

  abandon(): void {}

  bodyOf(bytes: Buffer): WholeBody {
    return { bytes, facts: bodyFacts(bytes) };
  }

  async give({ statusCode, headers, body }: Reply<WholeBody>, after: AfterAnswer): Promise<Answer> {
    await this.afterResponse.run(after({ bodyFacts: body.facts, body: body.bytes }));
    return { statusCode, headers, body: body.bytes };
  }
}
