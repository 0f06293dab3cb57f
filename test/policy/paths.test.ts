import path from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { callerOf } from '../../lib/identity/caller';
import { compileCedar } from '../../lib/policy/cedar/compile-cedar';
import { loadEngine } from '../../lib/policy/cedar/engine';
import { compileRules } from '../../lib/policy/compile-rules';
import { AMBIGUOUS_PATH_RULE, judge } from '../../lib/policy/judge';
import type { Policy } from '../../lib/policy/policy';
import type { Rule } from '../../lib/policy/rule';
import { unsafePath, readPath } from '../../lib/routing/path-readings';
import { resolveRoute, type RouteInput } from '../../lib/routing/route';
import { RouteTable } from '../../lib/routing/route-table';
import { MODELS, names } from './path-models';

const CALLER = callerOf({ claims: { sub: 'u-1' } });
/** More on request: `AUDIT_PROXY_PATH_RUNS=1000000 npx vitest run test/policy/paths.test.ts`. */
const RUNS = Number(process.env.AUDIT_PROXY_PATH_RUNS ?? 4_000);
const SEED = Number(process.env.AUDIT_PROXY_SEED ?? 20_261_124);

type Answer = 'allow' | 'deny' | 'ambiguous' | 'no route';

/** What the proxy says of a path: the order of the function, without the function around it. */
function answer(path: string, asked: readonly Rule[] | Policy, routes: readonly RouteInput[]): Answer {
  const table = new RouteTable(routes.map(resolveRoute));
  const route = table.match(path);
  if (unsafePath(path) !== undefined) return 'ambiguous';
  if (route === undefined) return 'no route';
  const readings = readPath(path);
  if (table.strays(readings, route) !== undefined) return 'ambiguous';
  const request = { method: 'GET', caller: CALLER, time: 0, headers: [] };
  const decision = judge('decide' in asked ? asked : compileRules(asked), request, route, readings);
  if (decision.rules.includes(AMBIGUOUS_PATH_RULE)) return 'ambiguous';
  return decision.allowed ? 'allow' : 'deny';
}

const UPSTREAM = 'http://service.internal';
const ONE_ROUTE: readonly RouteInput[] = [{ path: '/', upstream: UPSTREAM }];

/** Words that meet in paths and patterns, so that tricks around them matter. */
const word = fc.constantFrom('orders', 'internal', 'a', '7', 'refund', 'caf\u00e9', 'a b', 'x.json');
const trick = fc.constantFrom(
  ...['/', '//', '%2F', '%2f', '%252F', '%5C', '%5c', '%255C', ';', ';x=1', ';%2Fx', '%3B', '%253B', '%3Ba'],
  ...['.', '..', '%2e', '%2E%2e', '..;', '%252e%252e', '%25%32%65', '%00', '%2500', '%FF', '%C0%AF', '%', '%zz', '%u002f'],
  ...['%25', '%2541', '%20', '%09', '%0A', '+', '%2B', '~', '%7E', '%EF%BF%BD', '%E2%84%AA', '/./', '/../', '%2F..%2F'],
); // prettier-ignore
const spelled = word.chain((text) =>
  fc
    .array(fc.constantFrom('plain', 'encoded', 'upper', 'twice'), { minLength: text.length, maxLength: text.length })
    .map(
      (ways) => [...text].map((letter, at) => spell(letter, ways[at]!)).join(''), // prettier-ignore
    ),
);
const plainWord = word.map((text) => encodeURIComponent(text));
const part = fc.oneof(
  { arbitrary: plainWord, weight: 5 },
  { arbitrary: trick, weight: 4 },
  { arbitrary: fc.constant('/'), weight: 6 },
  { arbitrary: spelled, weight: 1 },
);
const anyPath = fc
  .tuple(fc.constantFrom('/', '/orders/', '/orders/internal/'), fc.array(part, { maxLength: 9 }))
  .map(([start, parts]) => start + parts.join(''));

const pattern = fc
  .tuple(fc.array(fc.oneof({ arbitrary: plainWord, weight: 4 }, fc.constant('*')), { maxLength: 4 }), fc.boolean())
  .map(([segments, open]) => `/${[...segments, ...(open ? ['**'] : [])].join('/')}`);
const anyRules = fc.array(
  fc.record({ effect: fc.constantFrom('allow', 'deny'), paths: fc.array(pattern, { minLength: 1, maxLength: 3 }) }),
  { minLength: 1, maxLength: 4 },
);
const rulesOf = (some: readonly Omit<Rule, 'name'>[]): Rule[] => [
  ...some.map((rule, index) => ({ ...rule, name: `r${index}` })),
  { name: 'rest', paths: ['/**'] },
];

function spell(letter: string, way: string): string {
  const encoded = [...Buffer.from(letter)].map((byte) => `%${byte.toString(16).padStart(2, '0')}`).join('');
  if (way === 'encoded') return encoded;
  if (way === 'twice') return encoded.replaceAll('%', '%25');
  return encodeURIComponent(way === 'upper' ? letter.toUpperCase() : letter);
}

/** What the rules say of what a service serves, read without the proxy's code. */
function saysOf(rules: readonly Rule[], segments: readonly string[], ignoresCase: boolean): 'allow' | 'deny' {
  const first = rules.find(({ effect, paths = [] }) =>
    paths.some((one) => names(one, segments, ignoresCase || effect === 'deny')),
  );
  return first === undefined || first.effect === 'deny' ? 'deny' : 'allow';
}

describe(`random paths and rules (AUDIT_PROXY_SEED=${SEED})`, () => {
  it.each([
    ['refused where ambiguous', {}],
    ['forwarded where ambiguous', { ambiguousPaths: 'forward' }],
    ['refused where ambiguous, case ignored', { caseInsensitive: true }],
    ['forwarded where ambiguous, case ignored', { ambiguousPaths: 'forward', caseInsensitive: true }],
  ] as const)('let no service serve what the rules do not allow: %s', (_, options) => {
    const counts: Record<Answer, number> = { allow: 0, deny: 0, ambiguous: 0, 'no route': 0 };
    const ignoresCase = 'caseInsensitive' in options;
    fc.assert(
      fc.property(anyPath, anyRules, (path, some) => {
        const rules = rulesOf(some);
        const got = answer(path, rules, [{ ...ONE_ROUTE[0]!, ...options }]);
        counts[got] += 1;
        if (got !== 'allow') return;
        for (const { name, segments } of MODELS) {
          const served = segments(path);
          if (served === undefined) continue;
          expect(saysOf(rules, served, ignoresCase), `${name} serves ${JSON.stringify(served)}`).toBe('allow');
        }
      }),
      { numRuns: RUNS / 4, seed: SEED },
    );
    // The property would hold of a proxy that refuses everything.
    expect(Math.min(counts.allow, counts.deny, counts.ambiguous)).toBeGreaterThan(RUNS / 100);
  });

  it.each([{}, { ambiguousPaths: 'forward' }] as const)(
    'do not pass a rule that names what one of the services makes of them: %j',
    (options) => {
      const of = (path: string, rules: readonly Rule[]) => answer(path, rules, [{ ...ONE_ROUTE[0]!, ...options }]);
      fc.assert(
        fc.property(anyPath, fc.constantFrom(...MODELS), fc.nat(5), fc.boolean(), (path, { segments }, at, open) => {
          const served = segments(path);
          if (served === undefined || served.includes('')) return;
          const named = served.map((segment, index) => (index === at ? '*' : encodeURIComponent(segment)));
          const paths = [`/${[...(open ? named.slice(0, at) : named), ...(open ? ['**'] : [])].join('/')}`];
          expect(of(path, [{ name: 'no', effect: 'deny', paths }, { name: 'rest' }])).not.toBe('allow');
          if (of(path, [{ name: 'only', paths }]) !== 'allow') return;
          for (const { name, segments: other } of MODELS) {
            expect(
              names(paths[0]!, other(path) ?? served, false),
              `${name} serves ${JSON.stringify(other(path))}`,
            ).toBe(true);
          }
        }),
        { numRuns: RUNS / 2, seed: SEED },
      );
    },
  );

  it.each([{}, { ambiguousPaths: 'forward' }, { caseInsensitive: true }] as const)(
    'do not pass a Cedar policy that forbids what one of the services makes of them: %j',
    (options) => {
      const engine = loadEngine(path.join(__dirname, '..', '..', 'dist', 'lambda', 'cedar', 'cedar'));
      const text = `permit (principal, action, resource);
        forbid (principal, action, resource) when { resource.normalizedPath like "/orders/internal/*" };
        forbid (principal, action, resource) when { resource.normalizedPath == "/orders/7" };`;
      const policy = compileCedar(engine, { policies: [{ file: 'p.cedar', text }] });
      fc.assert(
        fc.property(anyPath, fc.constantFrom('', '7', 'internal/x', 'internal%2F', '%37/'), (start, end) => {
          const asked = start + end;
          if (answer(asked, policy, [{ ...ONE_ROUTE[0]!, ...options }]) !== 'allow') return;
          for (const { name, segments } of MODELS) {
            const served = segments(asked) ?? [];
            const forbidden = served.length > 2 && names('/orders/internal/**', served, 'caseInsensitive' in options);
            expect(forbidden || names('/orders/7', served, false), `${name} serves ${JSON.stringify(served)}`).toBe(
              false,
            );
          }
        }),
        { numRuns: RUNS / 20, seed: SEED },
      );
    },
  );

  it('lead to the route whose service serves them', () => {
    const paths = ['/', '/orders', '/orders/internal', '/a'];
    const routes = paths.map((path): RouteInput => ({ path, upstream: UPSTREAM, ambiguousPaths: 'forward' }));
    const table = new RouteTable(routes.map(resolveRoute));
    fc.assert(
      fc.property(anyPath, (path) => {
        if (answer(path, [{ name: 'all' }], routes) !== 'allow') return;
        const found = table.match(path)?.path;
        for (const { name, segments } of MODELS) {
          const served = segments(path);
          if (served === undefined) continue;
          const fits = paths.filter((route) => names(route === '/' ? '/**' : `${route}/**`, served, false));
          expect(fits.sort((a, b) => b.length - a.length)[0], name).toBe(found);
        }
      }),
      { numRuns: RUNS / 4, seed: SEED },
    );
  });

  it('are judged as the rules say where they are ordinary, and never refused as ambiguous', () => {
    const text = fc.oneof(
      word,
      fc.string({ unit: 'binary', minLength: 1, maxLength: 8 }).filter(isOrdinary),
      fc.constantFrom('100%', 'a?b#c', "it's (1)", 'a+b&c=d', 'v1.2', '.well-known', '...', 'user@host', '*'),
    );
    const ordinary = fc.tuple(fc.array(text, { minLength: 1, maxLength: 5 }), fc.boolean());
    fc.assert(
      fc.property(ordinary, anyRules, ([segments, slash], some) => {
        const rules = rulesOf(some);
        const path = `/${segments.map(encodeURIComponent).join('/')}${slash ? '/' : ''}`;
        expect(answer(path, rules, ONE_ROUTE)).toBe(saysOf(rules, segments, false));
      }),
      { numRuns: RUNS / 10, seed: SEED },
    );
  });
});

/** Not what the docs call ambiguous: neither slash, backslash, semicolon nor control character, no dot segment, no encoding. */
function isOrdinary(segment: string): boolean {
  return segment.isWellFormed() && !/[\x00-\x1f\x7f/\\;\ufffd]|^\.{1,2}$|%(?:[0-9a-f]{2}|u[0-9a-f]{4})/i.test(segment);
}
