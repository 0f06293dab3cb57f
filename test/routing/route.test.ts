import { describe, expect, it } from 'vitest';
import { checkRoute, resolveRoute, type RouteInput } from '../../lib/routing/route';

const GOOD: RouteInput = { path: '/orders', upstream: 'http://orders.internal:8080' };

describe('a route is right', () => {
  it.each<Partial<RouteInput>>([
    {},
    { path: '/' },
    { path: '/v1/orders' },
    { path: '/.well-known/a~b_c-d' },
    { path: '/...' },
    { upstream: 'https://orders.internal' },
    { upstream: 'http://[::1]:9000/base/' },
    { service: 'Orders_v1.2-x' },
    { timeoutMs: 1 },
    { timeoutMs: 28_000 },
    { guarantee: 'BEFORE_FORWARD' },
    { guarantee: 'BEFORE_RESPONSE', onUnrecorded: 'refuse' },
    { guarantee: 'AFTER_RESPONSE', onUnrecorded: 'answer' },
    { stripPrefix: true },
  ])('%j', (changes) => {
    expect(checkRoute({ ...GOOD, ...changes })).toEqual([]);
  });
});

describe('a route is wrong, and the message says what is allowed and what it got', () => {
  it.each<[Partial<RouteInput>, keyof RouteInput, string]>([
    [{ path: '' }, 'path', 'got ""'],
    [{ path: 'orders' }, 'path', 'must be "/" or "/" and path segments'],
    [{ path: '/orders/' }, 'path', 'without a slash at the end; got "/orders/"'],
    [{ path: '//orders' }, 'path', 'got "//orders"'],
    [{ path: '/orders/../x' }, 'path', 'got "/orders/../x"'],
    [{ path: '/.' }, 'path', 'got "/."'],
    [{ path: '/%6Frders' }, 'path', 'got "/%6Frders"'],
    [{ path: '/{proxy+}' }, 'path', 'got "/{proxy+}"'],
    [{ path: '/a b' }, 'path', 'got "/a b"'],
    [{ path: '/a?b' }, 'path', 'got "/a?b"'],
    [{ upstream: 'orders' }, 'upstream', 'must be an http or https URL'],
    [{ upstream: 'ftp://orders' }, 'upstream', 'got "ftp://orders"'],
    [{ upstream: 'http://' }, 'upstream', 'got "http://"'],
    [{ service: '' }, 'service', 'must be 1 to 100 letters'],
    [{ service: 'my orders' }, 'service', 'got "my orders"'],
    [{ service: 'x'.repeat(101) }, 'service', '1 to 100'],
    [{ timeoutMs: 0 }, 'timeoutMs', 'from 1 ms to 28 s, since API Gateway gives up after 29 s; got 0 ms'],
    [{ timeoutMs: 28_001 }, 'timeoutMs', 'got 28001 ms'],
    [{ timeoutMs: NaN }, 'timeoutMs', 'got NaN ms'],
    [{ guarantee: 'SOMETIME' }, 'guarantee', 'or AFTER_RESPONSE; got "SOMETIME"'],
    [{ onUnrecorded: 'panic' }, 'onUnrecorded', 'must be "answer" or "refuse"; got "panic"'],
    [
      { guarantee: 'BEFORE_FORWARD', onUnrecorded: 'answer' },
      'onUnrecorded',
      'that goes with BEFORE_FORWARD; got "answer"',
    ],
    [{ guarantee: 'AFTER_RESPONSE', onUnrecorded: 'refuse' }, 'onUnrecorded', 'must be "answer", the only one'],
  ])('%j', (changes, key, message) => {
    const problems = checkRoute({ ...GOOD, ...changes });
    expect(problems.map((problem) => problem.key)).toEqual([key]);
    expect(problems[0]?.message).toContain(message);
  });

  it.each(['http://user:hush@orders', 'http://orders?key=hush', 'http://orders#hush', 'user:hush@orders'])(
    'without repeating what may be a secret: %s',
    (upstream) => {
      const [problem] = checkRoute({ ...GOOD, upstream });
      expect(problem?.key).toBe('upstream');
      expect(problem?.message).not.toContain('hush');
    },
  );

  it('all at once', () => {
    const wrong = { path: 'a', upstream: 'b', service: 'c d', timeoutMs: -1, guarantee: 'x' };
    expect(checkRoute(wrong).map(({ key }) => key)).toEqual(['path', 'upstream', 'service', 'timeoutMs', 'guarantee']);
  });

  it('except what is not known yet', () => {
    const tokens = { path: '/a', upstream: '${Token[1]}', service: '${Token[2]}', timeoutMs: -1.8881545897087503e289 };
    expect(
      checkRoute(tokens, (value) =>
        Object.values(tokens)
          .slice(1)
          .includes(value as string),
      ),
    ).toEqual([]);
    expect(checkRoute(tokens)).toHaveLength(3);
  });
});

describe('defaults of a route', () => {
  it.each([
    ['/', 'root'],
    ['/orders', 'orders'],
    ['/v1/orders', 'v1-orders'],
  ])('the service of %s is %s', (path, service) => {
    expect(resolveRoute({ path, upstream: 'http://a' })).toEqual({
      path,
      upstream: 'http://a',
      service,
      stripPrefix: false,
      timeoutMs: 25_000,
      guarantee: 'BEFORE_RESPONSE',
      onUnrecorded: 'answer',
    });
  });

  it('give way to what is told', () => {
    const whole = {
      ...GOOD,
      service: 's',
      stripPrefix: true,
      timeoutMs: 5,
      guarantee: 'BEFORE_RESPONSE',
      onUnrecorded: 'refuse',
    };
    expect(resolveRoute(whole)).toEqual(whole);
  });
});
