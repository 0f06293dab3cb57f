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

/** `https`, or `http` where API Gateway says so: the last value is its own, the earlier ones are the caller's claim. */
export function schemeOf(headers: readonly HeaderPair[]): 'http' | 'https' {
  const values = headers
    .filter(([name]) => name.toLowerCase() === 'x-forwarded-proto')
    .flatMap(([, value]) => value.split(','));
  return values.at(-1)?.trim() === 'http' ? 'http' : 'https';
}
