import { anyCase } from './fold-case';
import { hasTooMany, type PathReadings } from './path-readings';
import type { Route } from './route';

/**
 * Finds the route of a path: the longest prefix of whole segments wins. One map look-up per path segment, so that
 * it stays flat as routes grow.
 */
export class RouteTable {
  private readonly byPath = new Map<string, Route>();
  /** By paths in one case, several of them perhaps. */
  private readonly byFoldedPath = new Map<string, Route[]>();
  private readonly longest: number;

  /** @throws Error if two routes have the same path. */
  constructor(readonly routes: readonly Route[]) {
    for (const route of routes) {
      if (this.byPath.has(route.path)) throw new Error(`two routes have the path "${route.path}"`);
      this.byPath.set(route.path, route);
      const folded = anyCase(route.path);
      this.byFoldedPath.set(folded, [...(this.byFoldedPath.get(folded) ?? []), route]);
    }
    this.longest = Math.max(0, ...routes.map((route) => route.path.length));
  }

  /**
   * @param path the request's path, percent-encoded as it came. `%6F` matches `o` (RFC 3986 section 6.2.2.2), so that
   * no spelling of a path slips into another route; the path that is forwarded is not changed by this.
   */
  match(path: string): Route | undefined {
    return path.startsWith('/') ? this.longestPrefix(decodeUnreserved(path), this.byPath) : undefined;
  }

  /**
   * Why a path may be meant for another route than that which takes it, if so. Otherwise a service that both routes have in common
   * could be reached under the wrong one: `/;/admin` under `/` in place of `/admin`.
   */
  strays({ readings, ambiguity }: PathReadings, route: Route): string | undefined {
    if (ambiguity !== undefined) {
      if (hasTooMany(readings)) return 'the path may be read in too many ways';
      if (readings.some((reading) => this.match(reading) !== route))
        return 'the path may be read as one of another route';
    }
    if (!route.caseInsensitive) return undefined;
    const known = readings.every((reading) => this.longestPrefix(anyCase(reading), this.byFoldedPath)?.includes(route));
    return known ? undefined : 'the path, in another case, is one of another route';
  }

  private longestPrefix<T>(path: string, byPath: ReadonlyMap<string, T>): T | undefined {
    let prefix = path;
    // No need to look up what is longer than every route: a path may have thousands of segments.
    if (prefix.length > this.longest) prefix = prefix.slice(0, prefix.lastIndexOf('/', this.longest));
    for (;;) {
      const found = byPath.get(prefix === '' ? '/' : prefix);
      if (found !== undefined) return found;
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
