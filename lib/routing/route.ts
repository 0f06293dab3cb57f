import { GUARANTEES, type Guarantee } from '../event/vocabulary';
import { strippedHeaderProblem } from '../identity/identity-headers';
import { type ConnectionInput } from './connection';
import { resolveRecord, type RecordInput, type RecordRules } from './record';

/**
 * A route as the proxy function gets it: a path prefix, the service behind it, and how it is guarded and recorded.
 * Config file and constructs use the same names; both are turned into this by `resolveRoute`.
 */
export interface Route {
  /** Prefix of whole path segments, e.g. `/orders` (matches `/orders` and `/orders/7`, not `/orders2`). */
  readonly path: string;
  /** Base URL of the service, http or https, e.g. `http://orders.internal:8080`. */
  readonly upstream: string;
  /** Name of the service in events. */
  readonly service: string;
  /** Whether the prefix is taken off before the request is forwarded. */
  readonly stripPrefix: boolean;
  /** How long the service may take until its whole answer is there, in milliseconds. */
  readonly timeoutMs: number;
  /** When the request's event must be durable. */
  readonly guarantee: Guarantee;
  /** What the caller gets when no sink took the event in time. */
  readonly onUnrecorded: OnUnrecorded;
  /** What is recorded beyond the usual, and what less; undefined where the route says nothing of it. */
  readonly record?: RecordRules | undefined;
  /** How the service is connected to; what is absent has its default (`connectionOf`). */
  readonly connection?: ConnectionInput | undefined;
  /** Whether a `Location` that points into the service is turned into the caller's path to the same. Absent: it is not. */
  readonly rewriteLocation?: boolean | undefined;
  /** Whether answers are passed on as they come (REST APIs only). Absent: each is passed on once it is whole. */
  readonly streaming?: boolean | undefined;
  /** What happens, under a policy, to paths that services may read in different ways. Absent: they are refused. */
  readonly ambiguousPaths?: AmbiguousPaths | undefined;
  /** Headers of callers that are removed besides those in which they could tell who they are; `*` at the end: all that begin so. */
  readonly stripHeaders?: readonly string[] | undefined;
  /** Whether the service ignores the case of paths. Absent: it does not. */
  readonly caseInsensitive?: boolean | undefined;
}

/**
 * What happens, under a policy, to a path that services may read in different ways.
 *
 * - `refuse`: 400.
 * - `forward`: it is forwarded if the policy allows every reading. What cannot be decoded is refused all the same.
 */
export const AMBIGUOUS_PATHS = ['refuse', 'forward'] as const;
export type AmbiguousPaths = (typeof AMBIGUOUS_PATHS)[number];

/**
 * What the caller gets when no sink took the event of a request in time.
 *
 * - `answer`: the service's answer, since the service may have acted; the event takes the last resort, and an alarm tells.
 * - `refuse`: 503, which says whether the service was called.
 */
export const ON_UNRECORDED = ['answer', 'refuse'] as const;
export type OnUnrecorded = (typeof ON_UNRECORDED)[number];

/**
 * What goes with which guarantee, the default first. Who records before the service is called can still refuse, and must,
 * or the guarantee would be empty; who records after the answer cannot any more.
 */
export const ON_UNRECORDED_OF: Readonly<Record<Guarantee, readonly OnUnrecorded[]>> = {
  BEFORE_FORWARD: ['refuse'],
  BEFORE_RESPONSE: ['answer', 'refuse'],
  AFTER_RESPONSE: ['answer'],
};

/** A route as people write it: only `path` and `upstream` must be there. */
export interface RouteInput {
  readonly path: string;
  readonly upstream: string;
  readonly service?: string | undefined;
  readonly stripPrefix?: boolean | undefined;
  readonly timeoutMs?: number | undefined;
  readonly guarantee?: string | undefined;
  readonly onUnrecorded?: string | undefined;
  /** Checked by `checkRecord`. */
  readonly record?: RecordInput | undefined;
  /** Checked by `checkConnection`. */
  readonly connection?: ConnectionInput | undefined;
  readonly rewriteLocation?: boolean | undefined;
  readonly streaming?: boolean | undefined;
  readonly ambiguousPaths?: string | undefined;
  readonly stripHeaders?: readonly string[] | undefined;
  readonly caseInsensitive?: boolean | undefined;
}

/** API Gateway itself gives up after 29 s (REST) or 30 s (HTTP API), so we must have answered before. */
export const MAX_TIMEOUT_MS = 28_000;
export const DEFAULT_TIMEOUT_MS = 25_000;
/**
 * The same where answers are streamed: API Gateway and Lambda give up after 15 minutes, and the outcome must be recorded
 * before. It is the default as well, since nobody knows how long a stream goes on.
 *
 * @see https://docs.aws.amazon.com/apigateway/latest/developerguide/response-transfer-mode.html
 */
export const MAX_STREAMING_TIMEOUT_MS = 870_000;
export const DEFAULT_GUARANTEE: Guarantee = 'BEFORE_RESPONSE';

/** What is wrong with one key of a route. */
export interface RouteProblem {
  readonly key: keyof RouteInput;
  readonly message: string;
}

/** A path prefix: `/`, or segments of unreserved characters (RFC 3986), without a slash at the end. */
const PATH = /^\/(?:[A-Za-z0-9._~-]+(?:\/[A-Za-z0-9._~-]+)*)?$/;

/**
 * Checks one route and says for each wrong key what was wrong, the value, and what is allowed.
 *
 * @param isToken tells values that are not known yet (CDK tokens); these are not looked at.
 */
export function checkRoute(route: RouteInput, isToken: (value: unknown) => boolean = () => false): RouteProblem[] {
  const problems: RouteProblem[] = [];
  const add = (key: keyof RouteInput, message: string) => problems.push({ key, message });

  if (!PATH.test(route.path) || /(?:^|\/)\.\.?(?:\/|$)/.test(route.path)) {
    add(
      'path',
      `must be "/" or "/" and path segments, like "/orders" or "/v1/orders", without a slash at the end; got "${route.path}"`,
    );
  }
  if (!isToken(route.upstream)) {
    const wrong = upstreamProblem(route.upstream);
    if (wrong !== undefined) add('upstream', wrong);
  }
  if (route.service !== undefined && !isToken(route.service) && !/^[\w.-]{1,100}$/.test(route.service)) {
    add('service', `must be 1 to 100 letters, digits, "-", "_" or "."; got "${route.service}"`);
  }
  const timeout = route.timeoutMs;
  const [longest, why] = route.streaming
    ? [MAX_STREAMING_TIMEOUT_MS, 'a streamed answer ends after 15 minutes and must be recorded before']
    : [MAX_TIMEOUT_MS, 'API Gateway gives up after 29 s'];
  if (timeout !== undefined && !isToken(timeout) && !(timeout >= 1 && timeout <= longest)) {
    add('timeoutMs', `must be from 1 ms to ${longest / 1000} s, since ${why}; got ${timeout} ms`);
  }
  const { guarantee = DEFAULT_GUARANTEE, onUnrecorded, ambiguousPaths } = route;
  for (const name of isToken(route.stripHeaders) ? [] : (route.stripHeaders ?? [])) {
    const wrong = isToken(name) ? undefined : strippedHeaderProblem(name);
    if (wrong !== undefined) add('stripHeaders', wrong);
  }
  if (ambiguousPaths !== undefined && !isOneOf(AMBIGUOUS_PATHS, ambiguousPaths)) {
    const allowed = AMBIGUOUS_PATHS.map((one) => `"${one}"`).join(' or ');
    add('ambiguousPaths', `must be ${allowed}; got "${ambiguousPaths}"`);
  }
  if (!isOneOf(GUARANTEES, guarantee)) {
    add('guarantee', `must be ${GUARANTEES.join(' or ')}; got "${guarantee}"`);
    return problems;
  }
  const allowed = ON_UNRECORDED_OF[guarantee];
  if (onUnrecorded !== undefined && !isOneOf(allowed, onUnrecorded)) {
    const why = isOneOf(ON_UNRECORDED, onUnrecorded) ? `, the only one that goes with ${guarantee}` : '';
    add('onUnrecorded', `must be ${allowed.map((one) => `"${one}"`).join(' or ')}${why}; got "${onUnrecorded}"`);
  }
  return problems;
}

function isOneOf<T extends string>(allowed: readonly T[], value: string): value is T {
  return (allowed as readonly string[]).includes(value);
}

function upstreamProblem(upstream: string): string | undefined {
  const expected = 'must be an http or https URL without user, query or fragment, like "http://orders.internal:8080"';
  // Never echo a value that may hold a password or a key, not even one that is no URL.
  const got = /[@?#]/.test(upstream) ? 'got a value with one of "@", "?", "#"' : `got "${upstream}"`;
  if (!URL.canParse(upstream)) return `${expected}; ${got}`;
  const url = new URL(upstream);
  const isHttp = url.protocol === 'http:' || url.protocol === 'https:';
  const isBase = url.username + url.password + url.search + url.hash === '';
  return isHttp && isBase ? undefined : `${expected}; ${got}`;
}

/** Fills in the defaults. The service is named after the path unless told: `/v1/orders` becomes `v1-orders`, `/` becomes `root`. */
export function resolveRoute(route: RouteInput): Route {
  const guarantee = (route.guarantee as Guarantee | undefined) ?? DEFAULT_GUARANTEE;
  return {
    path: route.path,
    upstream: route.upstream,
    service: route.service ?? (route.path.slice(1).replaceAll('/', '-') || 'root'),
    stripPrefix: route.stripPrefix ?? false,
    timeoutMs: route.timeoutMs ?? (route.streaming ? MAX_STREAMING_TIMEOUT_MS : DEFAULT_TIMEOUT_MS),
    guarantee,
    onUnrecorded: (route.onUnrecorded as OnUnrecorded | undefined) ?? ON_UNRECORDED_OF[guarantee][0]!,
    ...(route.connection && { connection: route.connection }),
    ...(route.rewriteLocation && { rewriteLocation: true }),
    ...(route.streaming && { streaming: true }),
    ...(route.ambiguousPaths === 'forward' && { ambiguousPaths: 'forward' as const }),
    ...(route.stripHeaders && { stripHeaders: route.stripHeaders }),
    ...(route.caseInsensitive && { caseInsensitive: true }),
    ...(route.record && { record: resolveRecord(route.record) }),
  };
}
