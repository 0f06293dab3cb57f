import type { HeaderPair } from '../../../lib/event/privacy/headers';
import type { Source } from '../../../lib/event/request-facts';

/** Where the request came from, as API Gateway saw it (never by a header that a caller can write). */
export function sourceOf(
  ip: string | undefined,
  via: { vpc?: string | undefined; vpce?: string | undefined } = {},
): Source {
  return {
    ip: ip || undefined,
    name: ip ? undefined : 'unknown',
    vpc_uid: via.vpc,
    interface_uid: via.vpce,
  };
}

/** The last value of a header that API Gateway appends to: the earlier ones are the caller's claim. */
export function lastForwarded(headers: readonly HeaderPair[], name: string): string | undefined {
  const values = headers.filter(([header]) => header.toLowerCase() === name).flatMap(([, value]) => value.split(','));
  return values.at(-1)?.trim() || undefined;
}
