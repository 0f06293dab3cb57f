import type { JWTPayload } from 'jose';
import type { Who } from '../../../lib/event/request-facts';

/** What an assertion is about. */
export interface Asserted {
  readonly who: Who;
  /** Name of the service that is called. */
  readonly service: string;
  /** The proxy's own id of the request, which no caller can choose. */
  readonly correlationUid: string;
  /** API Gateway's id of the request, as in `X-Request-Id`. */
  readonly requestUid: string;
}

/** `sub` where nobody said who he is. */
export const ANONYMOUS = 'anonymous';

/**
 * What an assertion says. Times and issuer are the signer's.
 *
 * | claim | is |
 * | --- | --- |
 * | `sub` | `actor.user.uid` of the event; without one its name, or `anonymous` |
 * | `aud` | name of the service |
 * | `jti` | `metadata.correlation_uid` of the events: one a request, and no caller can choose it |
 * | `request_id` | API Gateway's id of the request |
 * | `who_type` | how the caller was identified: `iam`, `cognito`, `jwt` … as `unmapped.who_type` of the event has it |
 * | `name`, `email`, `groups` | the same of the event's `actor.user` |
 */
export function claimsOf({ who, service, correlationUid, requestUid }: Asserted): JWTPayload {
  const { user } = who.actor;
  const groups = (user?.groups ?? []).flatMap(({ name }) => (name === undefined ? [] : [name]));
  return {
    sub: user?.uid ?? user?.name ?? ANONYMOUS,
    aud: service,
    jti: correlationUid,
    request_id: requestUid,
    who_type: who.type,
    ...(user?.name !== undefined && { name: user.name }),
    ...(user?.email_addr !== undefined && { email: user.email_addr }),
    ...(groups.length > 0 && { groups }),
  };
}
