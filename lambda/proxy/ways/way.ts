import type { HeaderPair } from '../../../lib/event/privacy/headers';
import type { BodyFacts } from '../../../lib/event/request-facts';
import type { OutgoingRequest } from '../forward/exchange';
import type { Upstream } from '../forward/upstream';
import type { Problem, ProblemCode } from '../problem';

/** An answer, the service's or one that the proxy gives in its place. */
export interface Reply<Body> {
  readonly statusCode: number;
  readonly headers: readonly HeaderPair[];
  readonly body: Body;
}

/** What the caller was given, as far as it is known here. */
export interface Given {
  /** Of what was passed on. */
  readonly bodyFacts: BodyFacts;
  /** What was passed on; undefined where it was not kept, as it is longer than what may be captured. */
  readonly body: Buffer | undefined;
  /** Why it was not all of the answer. */
  readonly problem?: Problem | undefined;
  /** When the answer was over, monotonic milliseconds; undefined where it was over before it was given. */
  readonly endedAt?: number | undefined;
}

/** Work that comes after an answer, prepared before: what fails in preparing it may still change the answer. */
export type AfterAnswer = (given: Given) => () => Promise<unknown>;

/**
 * How the answer to one request comes to the caller: whole, or as the service gives it. What happens when, and what is
 * recorded, is the same for both (passages.ts).
 */
export interface Way<Body, Result> {
  /** Longest time that the service may have, by what is left for this way, in milliseconds. */
  readonly timeLeftMs: () => number;
  /**
   * Calls the service, until there is something to pass on.
   *
   * @throws Problem if there is nothing to pass on
   */
  call(upstream: Upstream, request: OutgoingRequest, timeoutMs: number): Promise<Reply<Body> & { retries: number }>;
  /** Why the service's answer cannot be given any more, if it broke off before it was. */
  lost(): Problem | undefined;
  /** Gives up a call of the service whose answer nobody is to get. */
  abandon(code: ProblemCode): void;
  /** The body of an answer of our own. */
  bodyOf(bytes: Buffer): Body;
  /**
   * Gives an answer, and sees to it that the work after it is done inside of this invocation. The last thing that is done
   * for a request.
   *
   * @param capture whether what is passed on may have to be captured
   */
  give(reply: Reply<Body>, after: AfterAnswer, capture: boolean): Promise<Result>;
}
