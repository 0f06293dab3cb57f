import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { callersLocation } from '../../../lambda/proxy/forward/location';
import { upstreamOf } from '../../../lambda/proxy/forward/upstream';
import { resolveRoute, type RouteInput } from '../../../lib/routing/route';

const API = 'https://api.example.com';
const SERVICE = 'http://orders.internal:8080';

function rewritten(location: string, route: Partial<RouteInput>, publicPrefix: string): string | undefined {
  const upstream = upstreamOf(resolveRoute({ path: '/', upstream: SERVICE, ...route }));
  return callersLocation([['Location', location]], upstream, publicPrefix)[0]?.[1];
}

/** Where a browser gets to; undefined where it does not. */
function resolved(location: string, from: string): URL | undefined {
  return URL.canParse(location, from) ? new URL(location, from) : undefined;
}

const PIECE = fc.oneof(
  { weight: 6, arbitrary: fc.constantFrom(
    '/', '//', '\\', '/\\', '\\/', '\t', '\r', '\n', '\v', '\0', ' ', '\xa0', '.', '..', '/.', '/..', '/./', '%2e', '%2E%2e', '%2f', '%5c',
    '%09', '@', 'user@', 'user:pw@', ':', ':8080', ':80', '?', '#', '?a=//evil.example', '#//evil.example', 'evil.example', '/base',
    'base', '/base/', '/BASE', '/b%61se', 'http:', 'https:', 'HTTP:', 'javascript:', 'data:', 'http://', 'http:///', 'http:/',
    'orders.internal', 'orders.internal:8080', '//orders.internal:8080', 'http://orders.internal:8080', 'ORDERS.INTERNAL:8080',
    'http://orders.internal:8080/base', '//orders.internal:8080@evil.example', '\u3002', '\uff0f', '\u2215', '\xe9', '\u{1f600}', '[::1]',
    '7', 'x',
  ) },
  { weight: 1, arbitrary: fc.string({ unit: 'binary', maxLength: 3 }) },
); // prettier-ignore
const PIECES = fc.array(PIECE, { maxLength: 7 }).map((pieces) => pieces.join(''));
/** Half of them begin as one of the service does, since few others are rewritten. */
const LOCATION = fc
  .tuple(fc.constantFrom('', '', '/', `${SERVICE}/`, '//orders.internal:8080/', '/base/'), PIECES)
  .map(([start, rest]) => start + rest);
const ROUTE = fc.record({
  path: fc.constantFrom('/', '/shop', '/v1/shop'),
  upstream: fc.constantFrom(SERVICE, `${SERVICE}/base`, `${SERVICE}/base/`, `${SERVICE}/base/x`),
  stripPrefix: fc.boolean(),
});

describe('a rewritten Location', () => {
  it('leads to the same of the service, under the origin of the API, however it is spelled', () => {
    const changed = new Set<string>();
    fc.assert(
      fc.property(LOCATION, ROUTE, fc.constantFrom('', '/prod'), (location, route, stage) => {
        const given = rewritten(location, route, stage)!;
        if (given === location) return;
        changed.add(location);
        const meant = resolved(location, SERVICE);
        const got = resolved(given, `${API}/anything/at/all`);
        expect(meant?.origin).toBe(SERVICE);
        expect(got?.origin).toBe(API);
        expect(`${got?.username}${got?.password}`).toBe('');
        const strip = route.stripPrefix && route.path !== '/' ? route.path : '';
        const base = new URL(route.upstream).pathname.replace(/\/$/, '');
        const below = meant!.pathname.slice(base.length);
        expect(meant!.pathname).toBe(base + below);
        expect(got!.pathname).toBe(stage + strip + below || '/');
        expect(got!.search + got!.hash).toBe(meant!.search + meant!.hash);
      }),
      { numRuns: Number(process.env.AUDIT_PROXY_LOCATIONS ?? 4_000) },
    );
    expect(changed.size).toBeGreaterThan(100);
  });

  it.each([
    '/base/\\evil.example', '/base\\\\evil.example', '/base/\t/evil.example', '/base//evil.example', '/base/.//evil.example',
    '/base/x/..//evil.example', '/base/%2e//evil.example', 'http://orders.internal:8080/base//evil.example', '/base/\n/evil.example',
    'http://orders.internal:8080\\@evil.example/base/', 'http://user@orders.internal:8080/base/7', '/base/../other', '/base/caf\xe9',
  ])('is none where its reading is in doubt, or it would name a host: %j stays', (location) => {
    expect(rewritten(location, { upstream: `${SERVICE}/base` }, '')).toBe(location);
  }); // prettier-ignore
});
