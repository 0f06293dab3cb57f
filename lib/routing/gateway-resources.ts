import type { Route } from './route';
import { RouteTable } from './route-table';

/** A path of the REST API: it takes the path itself and, by a `{proxy+}` below it, every path below that no longer one takes. */
export interface GatewayResource {
  /** Like a route's path, e.g. `/v1/events`; `/` for the API's root. */
  readonly path: string;
  /** Whether its answers are streamed; the other function's answers are not. */
  readonly streaming: boolean;
}

/**
 * The resources that a REST API needs so that each request comes to the function which answers in the route's way: API Gateway
 * knows by the resource whether an answer is streamed. Every segment above a path that streams otherwise than its parent is a
 * resource as well, since API Gateway answers 403 on resources without methods; nothing is made that changes nothing.
 *
 * @returns parents before children, the root first
 */
export function gatewayResources(routes: readonly Route[]): GatewayResource[] {
  const table = new RouteTable(routes);
  const streams = (path: string) => table.match(path)?.streaming === true;
  const paths = new Set(['/']);
  for (const { path } of routes) {
    if (path !== '/' && streams(path) !== streams(parentOf(path))) for (const one of downTo(path)) paths.add(one);
  }
  return [...paths].sort().map((path) => ({ path, streaming: streams(path) }));
}

/**
 * The resource that API Gateway picks: that with the most segments of the path. It compares segments as they came, so one that
 * is spelled in another way (`%65vents`) goes to the parent's function, which knows all routes and answers in its own way.
 */
export function gatewayResourceOf(resources: readonly GatewayResource[], path: string): GatewayResource | undefined {
  return resources
    .filter(({ path: of }) => of === '/' || path === of || path.startsWith(`${of}/`))
    .reduce<GatewayResource | undefined>(
      (best, one) => (best && best.path.length > one.path.length ? best : one),
      undefined,
    );
}

function parentOf(path: string): string {
  return path.slice(0, path.lastIndexOf('/')) || '/';
}

/** `/a`, `/a/b`, `/a/b/c` for the last of them. */
function downTo(path: string): string[] {
  const segments = path.slice(1).split('/');
  return segments.map((_segment, index) => `/${segments.slice(0, index + 1).join('/')}`);
}
