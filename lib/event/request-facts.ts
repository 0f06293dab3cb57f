import type { FieldRules } from './privacy/field-rules';
import type { HeaderPair } from './privacy/headers';
import type { AuditEvent, Guarantee, WhoType } from './schema';

/** Length and SHA-256 of a body. */
export interface BodyFacts {
  readonly length: number;
  /** 64 lower-case hex digits. */
  readonly sha256: string;
}

/** Who asked, in the event's terms. */
export interface Who {
  readonly type: WhoType;
  readonly actor: NonNullable<AuditEvent['actor']>;
}

/** What a policy decided, in the event's terms. */
export type Authorization = NonNullable<Who['actor']['authorizations']>[number];

/** Where the request came from. */
export type Source = NonNullable<AuditEvent['src_endpoint']>;

/** What is known of a request when it arrives; the builders make events of it. Values are raw: the builders redact. */
export interface RequestFacts {
  /** When it arrived at the edge, epoch milliseconds. */
  readonly time: number;
  /** When the function began with it, epoch milliseconds. */
  readonly startTime: number;
  readonly correlationUid: string;
  /** API Gateway's request id. */
  readonly requestUid: string;
  readonly extendedRequestUid?: string | undefined;
  readonly apiUid?: string | undefined;
  readonly stage?: string | undefined;
  /** `1.0` or `2.0`; undefined where the function was invoked with something else. */
  readonly payloadVersion?: string | undefined;
  readonly method: string;
  readonly scheme?: string | undefined;
  readonly hostname?: string | undefined;
  /** Percent-encoded, as it is forwarded. */
  readonly path: string;
  /** Percent-encoded, without `?`; empty if there is none. */
  readonly query: string;
  /** HTTP version. */
  readonly protocol?: string | undefined;
  readonly headers: readonly HeaderPair[];
  readonly body: BodyFacts;
  readonly who: Who;
  /** What a policy decided about it; absent where none was asked. */
  readonly authorizations?: readonly Authorization[] | undefined;
  readonly source: Source;
  readonly trace: TraceFacts;
  readonly invocationUid?: string | undefined;
}

/** W3C trace context of the request (https://www.w3.org/TR/trace-context/). */
export interface TraceFacts {
  readonly traceId: string;
  /** The proxy's own span. */
  readonly spanId: string;
  /** The caller's span, if it told one. */
  readonly parentSpanId?: string | undefined;
}

/** Where a request goes. */
export interface Destination {
  readonly routePath: string;
  readonly service: string;
  readonly guarantee: Guarantee;
  readonly hostname: string;
  readonly port: number;
  /** What the route says of headers and query values; undefined where it says nothing. */
  readonly rules?: FieldRules | undefined;
}

/** What is known once the answer is. */
export interface OutcomeFacts {
  readonly endTime: number;
  readonly statusCode: number;
  readonly headers: readonly HeaderPair[];
  readonly body: BodyFacts;
  /** Whether the service was called. */
  readonly forwarded: boolean;
  /** Where the proxy itself answered, or the answer broke off: the problem. */
  readonly problem?: { readonly code: string; readonly title: string } | undefined;
  /** Whether the caller got a part of the answer only, or nothing of it. */
  readonly brokenOff?: boolean | undefined;
  readonly upstreamUs?: number | undefined;
  readonly attemptUs?: number | undefined;
  readonly waitedUs?: number | undefined;
  readonly retries?: number | undefined;
}

/** What writes the events: the same in all of them. */
export interface WriterFacts {
  readonly provider: 'AWS' | 'local';
  readonly region?: string | undefined;
  readonly accountUid?: string | undefined;
  readonly functionName?: string | undefined;
  readonly productVersion: string;
  /** The function environment, e.g. its log stream. */
  readonly environment?: string | undefined;
}
