import type { Duration } from 'aws-cdk-lib';
import type { ConnectionProps } from './connection-props';
import type { RecordProps } from './record-props';

/** When an audit event must be durable, relative to the request. */
export enum Guarantee {
  /**
   * Before the service is called: first the attempt is recorded, then the request is forwarded; the outcome follows the
   * answer.
   *
   * The caller waits for one round trip to a delivery stream. No service acts unrecorded: if nothing takes the event, the
   * caller gets 503 and the service is never called.
   */
  BEFORE_FORWARD = 'BEFORE_FORWARD',

  /**
   * Before the caller gets the answer: the attempt is recorded while the service works, and the answer waits for both; the
   * outcome follows the answer.
   *
   * The caller waits for what the service does not hide of that round trip, usually nothing. No answer leaves unrecorded;
   * if nothing takes the event, `onUnrecorded` decides.
   */
  BEFORE_RESPONSE = 'BEFORE_RESPONSE',

  /**
   * After the answer: the outcome is recorded once the caller has it, and there is no attempt.
   *
   * The caller waits for nothing. Lost are the events of a function environment that dies between answer and record; if
   * nothing takes the event, it goes to the function's log, and an alarm tells.
   */
  AFTER_RESPONSE = 'AFTER_RESPONSE',
}

/** What the caller gets when nothing took the event of a request in time, neither a delivery stream nor the bucket. */
export enum OnUnrecorded {
  /**
   * The service's answer, since the service may have acted. The event goes to the function's log, and an alarm tells.
   *
   * Not with `Guarantee.BEFORE_FORWARD`.
   */
  ANSWER = 'answer',

  /**
   * 503, with a body that says whether the service was called (`forwarded`). The event goes to the function's log as well.
   *
   * Not with `Guarantee.AFTER_RESPONSE`.
   */
  REFUSE = 'refuse',
}

/** What happens, under a policy, to a path that services may read in different ways, such as `/orders/a%2Fb`. */
export enum AmbiguousPaths {
  /** It is refused with 400 (`ambiguous_path`). */
  REFUSE = 'refuse',

  /**
   * It is forwarded if the policy allows every reading of it. A path that cannot be decoded (bytes that are not UTF-8, control
   * characters) is refused all the same.
   */
  FORWARD = 'forward',
}

/** A path prefix, the internal service behind it, and how it is recorded. */
export interface RouteProps {
  /**
   * Prefix of whole path segments, e.g. `/orders`: takes `/orders` and `/orders/7`, not `/orders2`.
   *
   * The longest prefix that fits wins. `/` takes everything that no other route takes.
   */
  readonly path: string;

  /**
   * Base URL of the service, http or https, without user, query or fragment, e.g. `http://orders.internal:8080`.
   *
   * May be a token, e.g. the address of a load balancer of the same app.
   */
  readonly upstream: string;

  /**
   * Name of the service in audit events: 1 to 100 letters, digits, `-`, `_` or `.`.
   *
   * @default - the path without its first slash, other slashes as `-`; `root` for `/`
   */
  readonly service?: string;

  /**
   * Whether the path prefix is taken off before the request is forwarded.
   *
   * @default false - the service gets the path as it came
   */
  readonly stripPrefix?: boolean;

  /**
   * How long the service may take until its whole answer is there; then the caller gets 504, or of a streamed answer that
   * has begun no more.
   *
   * From 1 millisecond to 28 seconds, since API Gateway gives up after 29; with `streaming` to 870 seconds, since it gives up
   * after 15 minutes and the outcome must be recorded before.
   *
   * @default Duration.seconds(25), or with streaming Duration.seconds(870)
   */
  readonly timeout?: Duration;

  /**
   * When the event of a request must be durable.
   *
   * @default Guarantee.BEFORE_RESPONSE
   */
  readonly guarantee?: Guarantee;

  /**
   * What the caller gets when nothing took the event of a request in time.
   *
   * @default - what goes with the guarantee: REFUSE for BEFORE_FORWARD, ANSWER for BEFORE_RESPONSE and AFTER_RESPONSE
   */
  readonly onUnrecorded?: OnUnrecorded;

  /**
   * How the service is connected to: time limits, pool, retries, circuit breaker, certificates.
   *
   * @default - what each of its keys says
   */
  readonly connection?: ConnectionProps;

  /**
   * Whether a `Location` that points into the service is turned into the path by which callers reach the same.
   *
   * @default false - it goes to the caller as it came
   */
  readonly rewriteLocation?: boolean;

  /**
   * Whether answers are passed on as they come from the service: the first byte as soon as the guarantee allows, bodies over
   * 6 MB (to 200 MB), server-sent events, for as long as `timeout` says. `ApiType.REST` only. Such routes have an API resource and
   * a function of their own.
   *
   * @default false - an answer is passed on once it is whole
   * @see https://docs.aws.amazon.com/apigateway/latest/developerguide/response-transfer-mode.html
   */
  readonly streaming?: boolean;

  /**
   * What happens, under a policy, to a path that services may read in different ways: one with `%2F`, `%5C`, `;` or `//`, or
   * percent-encoded twice.
   *
   * @default AmbiguousPaths.REFUSE
   */
  readonly ambiguousPaths?: AmbiguousPaths;

  /**
   * Whether the service ignores the case of paths, as ASP.NET, IIS and Express do. Then policies compare paths in any case.
   *
   * @default false - `/orders/A` and `/orders/a` are two paths
   */
  readonly caseInsensitive?: boolean;

  /**
   * Headers of callers that the service must not get, besides those in which gateways and proxies tell who called: names, or
   * beginnings of names with `*` at the end, e.g. `X-Corp-*`.
   *
   * Upper and lower case, `-` and `_` count as the same.
   *
   * @default - only the headers that are always removed (docs/identity.md)
   */
  readonly stripHeaders?: string[];

  /**
   * What is recorded of its requests beyond the usual, and what is kept private.
   *
   * @default - the usual, and no bodies
   */
  readonly record?: RecordProps;
}
