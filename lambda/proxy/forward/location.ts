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

function callersPath(location: string, upstream: Upstream, publicPrefix: string): string {
  const { route, basePath, secure, host } = upstream;
  const scheme = secure ? 'https' : 'http';
  const [, authority, path] = /^(?:(?:[a-z][a-z0-9+.-]*:)?\/\/([^/?#]*))?(\/[^/].*|\/|[?#].*|)$/i.exec(location) ?? [];
  if (path === undefined || (authority === undefined && !path.startsWith('/'))) return location;
  if (authority !== undefined && !isService(location, scheme, host)) return location;
  const target = path.startsWith('/') ? path : `/${path}`;
  const isBelow = target === basePath || /^[/?#]/.test(target.slice(basePath.length));
  if (!target.startsWith(basePath) || !isBelow) return location;
  const rest = target.slice(basePath.length);
  const prefix = publicPrefix + (route.stripPrefix && route.path !== '/' ? route.path : '');
  const callers = prefix + rest;
  // A path that begins with two slashes would name a host.
  return callers.startsWith('//') ? location : callers || '/';
}

/** By scheme, host and port; the default port may be told or not. */
function isService(location: string, scheme: string, host: string): boolean {
  const absolute = location.startsWith('//') ? `${scheme}:${location}` : location;
  return URL.canParse(absolute) && new URL(absolute).origin === `${scheme}://${host}`;
}
