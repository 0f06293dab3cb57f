import type { HeaderPair } from '../../../lib/event/privacy/headers';

/**
 * Headers that speak of one connection only and are never passed on, in either direction.
 *
 * @see https://www.rfc-editor.org/rfc/rfc9110#section-7.6.1
 */
export const HOP_BY_HOP: ReadonlySet<string> = new Set([
  'connection', 'keep-alive', 'proxy-authenticate', 'proxy-authorization', 'proxy-connection', 'te', 'trailer',
  'transfer-encoding', 'upgrade', 'http2-settings',
]); // prettier-ignore

/** Headers that the sender named in `Connection`, which are hop-by-hop too. */
export function connectionHeaders(headers: readonly HeaderPair[]): ReadonlySet<string> {
  return new Set(
    headers
      .filter(([name]) => name.toLowerCase() === 'connection')
      .flatMap(([, value]) => value.split(','))
      .map((name) => name.trim().toLowerCase()),
  );
}
