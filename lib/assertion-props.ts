import type { Duration } from 'aws-cdk-lib';

/**
 * How services are told who called: by a JWT in the header `X-Audit-Assertion`, signed by the proxy (EdDSA), for one
 * service (`aud`) and one request (`jti`).
 */
export interface AssertionProps {
  /**
   * `iss` of every assertion: what services trust. 1 to 200 letters, digits or `_ . - / :`.
   *
   * @default - `audit-proxy/` and the name of the stack
   */
  readonly issuer?: string;

  /**
   * How long an assertion holds. From 5 seconds to 5 minutes, in whole seconds.
   *
   * @default Duration.seconds(60)
   */
  readonly lifetime?: Duration;

  /**
   * How long a key signs. Each is published for as long before, and for as long after. From 1 to 365 days.
   *
   * @default Duration.days(30)
   */
  readonly rotation?: Duration;
}
