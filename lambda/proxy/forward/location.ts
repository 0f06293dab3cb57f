import type { HeaderPair } from '../../../lib/event/privacy/headers';
import type { Upstream } from './upstream';

/**
 * Turns a `Location` that points into the service as the proxy calls it into the path by which callers reach the same. What
 * points elsewhere, or is relative to the request, stays.
 *
 * @param publicPrefix what callers write before the path, e.g. the stage
 */
export function callersLocation(
  headers: readonly HeaderPair[],
  upstream: Upstream,
  publicPrefix: string,
): HeaderPair[] {
  return headers.map(([name, value]): HeaderPair => {
    return name.toLowerCase() === 'location' ? [name, callersPath(value, upstream, publicPrefix)] : [name, value];
  });
}

/**
 * A path of the service, or a URL with scheme or host, in characters that everybody reads alike: browsers take a backslash for
 * a slash, drop tabs, and read bytes over 0x7f each in its way.
 */
const PLAIN = /^(?:[a-z][a-z0-9+.-]*:\/\/|\/)(?!.*\\)[\x21-\x7e]*$/i;

/** Any origin but the service's: a path that names no host resolves to it. */
const CALLERS_ORIGIN = 'https://api.invalid';

/** Reads and writes URLs as browsers do (https://url.spec.whatwg.org), who decide where a redirect leads. */
function callersPath(location: string, upstream: Upstream, publicPrefix: string): string {
  const { route, basePath, secure, host } = upstream;
  const service = `${secure ? 'https' : 'http'}://${host}`;
  if (!PLAIN.test(location) || !URL.canParse(location, service)) return location;
  const url = new URL(location, service);
  if (url.origin !== service || url.username + url.password !== '') return location;
  const rest = url.pathname.slice(basePath.length);
  if (!url.pathname.startsWith(basePath) || !/^(?:\/|$)/.test(rest)) return location;
  const prefix = publicPrefix + (route.stripPrefix && route.path !== '/' ? route.path : '');
  const path = prefix + rest || '/';
  const callers = path + url.search + url.hash;
  return leadsTo(path, callers) ? callers : location;
}

/** Whether a caller who follows a redirect gets to this very path: one that begins with two slashes would name a host. */
function leadsTo(path: string, location: string): boolean {
  if (!URL.canParse(location, CALLERS_ORIGIN)) return false;
  const url = new URL(location, CALLERS_ORIGIN);
  return url.origin === CALLERS_ORIGIN && url.pathname === path;
}
