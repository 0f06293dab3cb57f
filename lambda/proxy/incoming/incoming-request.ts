import type { HeaderPair } from '../../../lib/event/privacy/headers';
import type { Source } from '../../../lib/event/request-facts';
import type { Caller } from '../../../lib/identity/caller';

/** The form of an answer: that of a REST API or that of an HTTP API. */
export type AnswerFormat = 'rest' | 'http';

/** A request as API Gateway handed it over, in one form for both kinds of API. */
export interface IncomingRequest {
  /**
   * Why nothing may come of it but a refusal: the invocation did not come from the API's stage, or its event is not a request.
   * What the event claims is then not believed.
   */
  readonly refusal?: 'unverified_invocation' | 'unknown_event' | undefined;
  /** Undefined where the event is not a request. */
  readonly payloadVersion?: '1.0' | '2.0' | undefined;
  readonly answerFormat: AnswerFormat;
  readonly method: string;
  /** Percent-encoded; byte for byte where the event carries bytes, else re-encoded (see encoding.ts). */
  readonly path: string;
  /** Percent-encoded, without `?`. */
  readonly query: string;
  /** Why the path cannot be told for sure; such a request is refused. */
  readonly pathAmbiguity?: string | undefined;
  /** The same of the query. */
  readonly queryAmbiguity?: string | undefined;
  /** What callers write before the path, e.g. the stage `/prod`; empty where nothing. */
  readonly publicPrefix: string;
  readonly headers: readonly HeaderPair[];
  readonly body: Buffer;
  /** When it arrived, epoch milliseconds. */
  readonly time: number;
  readonly requestUid: string;
  readonly extendedRequestUid?: string | undefined;
  readonly apiUid?: string | undefined;
  readonly stage?: string | undefined;
  readonly accountUid?: string | undefined;
  /** Host that the caller asked. */
  readonly hostname?: string | undefined;
  readonly scheme: string;
  /** HTTP version. */
  readonly protocol?: string | undefined;
  readonly who: Caller;
  readonly source: Source;
}
