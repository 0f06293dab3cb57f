import type { Duration } from 'aws-cdk-lib';

/** When an audit event must be durable, relative to the request. */
export enum Guarantee {
  /**
   * Before the caller gets the answer: the event is written while the service works, and the answer waits for both. No
   * answer leaves unrecorded.
   */
  BEFORE_RESPONSE = 'BEFORE_RESPONSE',
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
   * How long the service may take until its whole answer is there; then the caller gets 504.
   *
   * From 1 millisecond to 28 seconds, since API Gateway gives up after 29.
   *
   * @default Duration.seconds(25)
   */
  readonly timeout?: Duration;

  /**
   * When the event of a request must be durable.
   *
   * @default Guarantee.BEFORE_RESPONSE
   */
  readonly guarantee?: Guarantee;
}
