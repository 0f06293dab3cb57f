import type { HeaderPair } from '../../../lib/event/privacy/headers';
import type { Source, Who } from '../../../lib/event/request-facts';

/** A request as API Gateway handed it over, in one form for all kinds of API. */
export interface IncomingRequest {
  readonly payloadVersion: '1.0' | '2.0';
  readonly method: string;
  /** Percent-encoded; byte for byte where the event carries bytes, else re-encoded (see encoding.ts). */
  readonly path: string;
  /** Percent-encoded, without `?`. */
  readonly query: string;
  /** Why path or query cannot be told for sure; such a request is refused. */
  readonly ambiguity?: string | undefined;
  readonly headers: readonly HeaderPair[];
  readonly body: Buffer;
  /** When API Gateway got it, epoch milliseconds. */
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
  readonly who: Who;
  readonly source: Source;
}
