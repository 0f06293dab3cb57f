import { describe, expect, it } from 'vitest';
import { callerOf } from '../../lib/identity/caller';
import { checkRules } from '../../lib/policy/check-rules';
import { compileRules } from '../../lib/policy/compile-rules';
import { isEnforced } from '../../lib/policy/policy';
import type { Rule } from '../../lib/policy/rule';
import { policyRequest, type RequestChanges } from '../support/policy-request';

const ALICE = callerOf({ claims: { sub: 'u-alice', groups: 'buyers', scope: 'orders:read orders:write', tier: 'gold', roles: '[a b]', motto: 'be root' } }); // prettier-ignore
const MTLS = callerOf({ certificate: { subjectDN: 'CN=a', issuerDN: 'CN=CA', serialNumber: '7' } });
const NOBODY = callerOf({});

function decides(rules: readonly Rule[], changes: RequestChanges = {}) {
  const { allowed, rules: names } = compileRules(rules).decide(policyRequest(ALICE, changes));
  return `${allowed ? 'allow' : 'deny'} ${names.join()}`;
}

describe('one rule that lets in', () => {
  const CASES: readonly [string, Omit<Rule, 'name'>, RequestChanges, boolean][] = [
    ['without conditions', {}, {}, true],
    ['a method', { methods: ['GET', 'HEAD'] }, {}, true],
    ['another method', { methods: ['POST'] }, {}, false],
    ['a route', { routes: ['/orders'] }, {}, true],
    ['another route', { routes: ['/users'] }, {}, false],
    ['a path', { paths: ['/orders/7'] }, {}, true],
    ['a path with a slash behind', { paths: ['/orders/7'] }, { path: '/orders/7/' }, true],
    ['a path with * for a segment', { paths: ['/orders/*'] }, {}, true],
    ['* for no segment', { paths: ['/orders/*'] }, { path: '/orders' }, false],
    ['* for two segments', { paths: ['/orders/*'] }, { path: '/orders/7/items' }, false],
    ['** for none', { paths: ['/orders/**'] }, { path: '/orders' }, true],
    ['** for many', { paths: ['/orders/**'] }, { path: '/orders/7/items/9' }, true],
    ['** for a longer word', { paths: ['/orders/**'] }, { path: '/orders2' }, false],
    ['* before **', { paths: ['/*/7/**'] }, { path: '/orders/7/x/y' }, true],
    ['everything', { paths: ['/**'] }, { path: '/' }, true],
    ['the root alone', { paths: ['/'] }, {}, false],
    ['the root alone, asked', { paths: ['/'] }, { path: '/' }, true],
    ['a dot that is a dot', { paths: ['/a.b'] }, { path: '/aXb' }, false],
    ['an encoded spelling', { paths: ['/orders/7'] }, { path: '/%6Frders/%37' }, true],
    ['another case', { paths: ['/orders/7'] }, { path: '/Orders/7' }, false],
    ['another case, ignored', { paths: ['/orders/Refund'] }, { path: '/ORDERS/refund', ignoresCase: true }, true],
    ['a letter that only some services take for another case', { paths: ['/orders/k'] }, { path: '/orders/%E2%84%AA', ignoresCase: true }, false],
    ['encoded sub-delims', { paths: ['/orders/a+b'] }, { path: '/orders/a%2Bb' }, true],
    ['UTF-8, encoded in either case', { paths: ['/orders/caf%C3%A9'] }, { path: '/orders/caf%c3%a9' }, true],
    ['an encoded slash', { paths: ['/orders/*'] }, { path: '/orders/a%2Fb' }, false],
    ['an encoded slash, every reading meant', { paths: ['/orders/*', '/orders/a/b'] }, { path: '/orders/a%2Fb' }, true],
    ['an encoded slash under **', { paths: ['/orders/**'] }, { path: '/orders/a%2Fb' }, true],
    ['parameters', { paths: ['/orders/a'] }, { path: '/orders/a;v=1' }, false],
    ['two slashes', { paths: ['/orders/a'] }, { path: '/orders//a' }, false],
    ['a user', { users: ['u-alice'] }, {}, true],
    ['another user', { users: ['u-bob'] }, {}, false],
    ['one of the groups', { groups: ['sellers', 'buyers'] }, {}, true],
    ['no such group', { groups: ['buy'] }, {}, false],
    ['one of the scopes', { scopes: ['orders:write'] }, {}, true],
    ['no such scope', { scopes: ['orders:admin'] }, {}, false],
    ['a claim', { claims: { tier: ['silver', 'gold'] } }, {}, true],
    ['an entry of a claim that is a list', { claims: { roles: ['b'] } }, {}, true],
    ['a word of a claim that is text', { claims: { motto: ['root'] } }, {}, false],
    ['two claims of which one is wrong', { claims: { tier: ['gold'], roles: ['c'] } }, {}, false],
    ['a claim that is not there', { claims: { constructor: ['x'] } }, {}, false],
    ['a network', { sources: ['10.0.0.0/8'] }, {}, true],
    ['another network', { sources: ['10.2.0.0/16', '192.0.2.1'] }, {}, false],
    ['an address in IPv6 notation', { sources: ['10.0.0.0/8'] }, { sourceIp: '::ffff:10.1.2.3' }, true],
    ['IPv6', { sources: ['2001:db8::/32'] }, { sourceIp: '2001:db8:1::9' }, true],
    ['an address that nobody knows', { sources: ['0.0.0.0/0'] }, { sourceIp: undefined }, false],
    ['a certificate that is not there', { certificate: {} }, {}, false],
    ['any certificate', { certificate: {} }, { caller: MTLS }, true],
    ['a certificate', { certificate: { subjects: ['CN=a'], issuers: ['CN=CA'], serials: ['7'] } }, { caller: MTLS }, true],
    ['a certificate of another', { certificate: { subjects: ['CN=a'], issuers: ['CN=Evil'] } }, { caller: MTLS }, false],
    ['from now', { validFrom: '2026-11-24T12:00:00Z' }, {}, true],
    ['from later', { validFrom: '2026-11-24T12:00:01Z' }, {}, false],
    ['until now', { validUntil: '2026-11-24T12:00:00Z' }, {}, false],
    ['until later', { validUntil: '2026-11-24T12:00:01Z' }, {}, true],
    ['hours', { hours: ['08:00-12:00', '12:00-13:00'] }, {}, true],
    ['other hours', { hours: ['08:00-12:00'] }, {}, false],
    ['hours over midnight', { hours: ['22:00-06:00'] }, { time: Date.UTC(2026, 10, 24, 5, 59) }, true],
    ['hours over midnight, at noon', { hours: ['22:00-06:00'] }, {}, false],
    ['nobody, unsaid', {}, { caller: NOBODY }, false],
    ['nobody, said', { who: ['anonymous'] }, { caller: NOBODY }, true],
    ['kinds of callers', { who: ['iam', 'certificate'] }, {}, false],
  ]; // prettier-ignore

  it.each(CASES)('%s', (_, rule, changes, allowed) => {
    expect(decides([{ name: 'it', ...rule }], changes)).toBe(allowed ? 'allow it' : 'deny (default)');
    expect(checkRules({ rules: [{ name: 'it', ...rule }] }, ['/orders', '/users'])).toEqual([]);
  });
});

describe('one rule that refuses', () => {
  const rules = (rule: Omit<Rule, 'name' | 'effect'>): Rule[] => [
    { name: 'no', effect: 'deny', ...rule },
    { name: 'yes', who: ['anonymous', 'jwt'] },
  ];

  it.each(['/admin', '/admin/', '/ADMIN', '/%61dmin', '/admin;x=1', '/orders/../admin', '/x//admin', '/adm%69n/%2e'])(
    'reads paths as widely as a service might: %s',
    (path) => {
      const pattern = path.startsWith('/orders')
        ? '/orders/../admin'
        : path.startsWith('/x')
          ? '/x/admin'
          : '/admin/**';
      expect(decides(rules({ paths: [pattern] }), { path })).toBe('deny no');
    },
  );

  it('refuses nothing else', () => {
    expect(decides(rules({ paths: ['/admin/**'] }), { path: '/administration' })).toBe('allow yes');
    expect(decides(rules({ paths: ['/%'.replace('%', 'a%2Ab')] }), { path: '/aaab' })).toBe('allow yes');
  });

  it('means anonymous callers too', () => {
    expect(decides(rules({}), { caller: NOBODY })).toBe('deny no');
  });

  it('counts an unknown address against the caller', () => {
    expect(decides(rules({ sources: ['192.0.2.0/24'] }), { sourceIp: undefined })).toBe('deny no');
    expect(decides(rules({ sources: ['192.0.2.0/24'] }))).toBe('allow yes');
  });
});

describe('several rules', () => {
  it('are asked in their order, and the first that fits decides', () => {
    const first: Rule = { name: 'first', groups: ['buyers'] };
    const second: Rule = { name: 'second', effect: 'deny' };
    expect(decides([first, second])).toBe('allow first');
    expect(decides([second, first])).toBe('deny second');
  });

  it('refuse what none of them fits', () => {
    expect(decides([{ name: 'other', methods: ['PUT'] }])).toBe('deny (default)');
  });

  it('cost little, hundreds of them', () => {
    const policy = compileRules(
      Array.from({ length: 500 }, (_, n) => ({ name: `r${n}`, paths: [`/orders/${n + 100}`] })),
    );
    const started = performance.now();
    for (let n = 0; n < 200; n += 1) policy.decide(policyRequest(ALICE));
    expect((performance.now() - started) / 200).toBeLessThan(5);
  });
});

describe('the version', () => {
  const rule: Rule = { name: 'a', methods: ['GET'], claims: { x: ['1'], 'y"': ['2'] } };
  const version = (...rules: Rule[]) => compileRules(rules).version;

  it('is the same for the same rules, however they are written', () => {
    expect(version(rule)).toMatch(/^[0-9a-f]{64}$/);
    expect(version({ claims: { 'y"': ['2'], x: ['1'] }, effect: 'allow', methods: ['GET'], name: 'a' })).toBe(
      version(rule),
    );
  });

  it('is another one for other rules or another order', () => {
    const other = { ...rule, name: 'b' };
    const versions = [
      version(rule),
      version(other),
      version(rule, other),
      version(other, rule),
      version({ ...rule, effect: 'deny' }),
    ];
    expect(new Set(versions).size).toBe(versions.length);
  });
});

describe('a dry run', () => {
  it('is everywhere, or on some routes', () => {
    expect(isEnforced({}, '/a')).toBe(true);
    expect(isEnforced({ dryRun: true }, '/a')).toBe(false);
    expect([isEnforced({ dryRunRoutes: ['/a'] }, '/a'), isEnforced({ dryRunRoutes: ['/a'] }, '/b')]).toEqual([
      false,
      true,
    ]);
  });
});

describe('rules that are wrong', () => {
  it.each<[Partial<Rule>, string]>([
    [{ name: 'a b' }, 'rules.0.name: must be 1 to 100 letters'],
    [{ effect: 'permit' }, 'rules.0.effect: must be "allow" or "deny"; got "permit"'],
    [{ routes: ['/order'] }, 'rules.0.routes.0: must be the path of a route, that is "/orders"; got "/order"'],
    [{ methods: ['get'] }, 'rules.0.methods.0: must be a method'],
    [{ methods: [] }, 'rules.0.methods: must hold at least 1'],
    [{ paths: ['orders'] }, 'rules.0.paths.0: must be a path'],
    [{ paths: ['/orders/**/items'] }, 'rules.0.paths.0: must be a path'],
    [{ paths: ['/*.json'] }, 'rules.0.paths.0: must be a path'],
    [{ who: ['user'] }, 'rules.0.who.0: must be "iam" or'],
    [{ claims: { tier: [''] } }, 'rules.0.claims.tier.0: must not be empty'],
    [{ sources: ['10.0.0.0/33'] }, 'rules.0.sources.0: must be an address or a network'],
    [{ sources: ['example.com'] }, 'rules.0.sources.0: must be an address or a network'],
    [{ certificate: { subjects: [] } }, 'rules.0.certificate.subjects: must hold at least 1'],
    [{ validFrom: '2026-02-31T00:00:00Z' }, 'rules.0.validFrom: must be an instant'],
    [{ validFrom: '2026-02-03' }, 'rules.0.validFrom: must be an instant'],
    [{ validFrom: '2026-02-03T00:00:00Z', validUntil: '2026-02-03T00:00:00Z' }, 'rules.0.validUntil: must be after'],
    [{ hours: ['8-18'] }, 'rules.0.hours.0: must be hours'],
    [{ hours: ['08:00-08:00'] }, 'rules.0.hours.0: must be hours'],
  ])('%j', (rule, expected) => {
    const [problem] = checkRules({ rules: [{ name: 'a', ...rule }] }, ['/orders']);
    expect(`${problem?.place.join('.')}: ${problem?.message}`).toContain(expected);
  });

  it('are told of names that stand twice, and of dry runs on no route', () => {
    const problems = checkRules({ rules: [{ name: 'a' }, { name: 'a' }], dryRunRoutes: ['/x'] }, ['/orders']);
    expect(problems.map(({ place }) => place.join('.'))).toEqual(['rules.1.name', 'dryRunRoutes.0']);
  });
});
