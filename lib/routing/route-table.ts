import type { Route } from './route';

/**
 * Finds the route of a path: the longest prefix of whole segments wins. One map look-up per path segment, so that
 * it stays flat as routes grow.
 */
export class RouteTable {
  private readonly byPath = new Map<string, Route>();
  private readonly longest: number;

  /** @throws Error if two routes have the same path. */
  constructor(readonly routes: readonly Route[]) {
    for (const route of routes) {
      if (this.byPath.has(route.path)) throw new Error(`two routes have the path "${route.path}"`);
      this.byPath.set(route.path, route);
    }
    this.longest = Math.max(0, ...routes.map((route) => route.path.length));
  }

  /**
   * @param path the request's path, percent-encoded as it came. `%6F` matches `o` (RFC 3986 section 6.2.2.2), so that
   * no spelling of a path slips into another route; the path that is forwarded is not changed by this.
   */
  match(path: string): Route | undefined {
    if (!path.startsWith('/')) return undefined;
    let prefix = decodeUnreserved(path);
    // No need to look up what is longer than every route: a path may have thousands of segments.
    if (prefix.length > this.longest) prefix = prefix.slice(0, prefix.lastIndexOf('/', this.longest));
    for (;;) {
      const route = this.byPath.get(prefix === '' ? '/' : prefix);
      if (route !== undefined) return route;
      if (prefix === '') return undefined;
      prefix = prefix.slice(0, prefix.lastIndexOf('/'));
    }
  }
}

export function decodeUnreserved(path: string): string {
  if (!path.includes('%')) return path;
  return path.replace(/%[0-9A-Fa-f]{2}/g, (encoded) => {
    const character = String.fromCharCode(parseInt(encoded.slice(1), 16));
    return /[A-Za-z0-9._~-]/.test(character) ? character : encoded;
  });
}
