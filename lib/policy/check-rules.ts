import { CALLER_TYPES } from '../event/vocabulary';
import { networkProblem } from './networks';
import { isPathPattern } from './path-pattern';
import { EFFECTS, type Rule, type RulesInput } from './rule';
import { hoursOf, instantOf } from './times';

/** What is wrong with rules, and where: keys and indexes from the policy down. */
export interface RuleProblem {
  readonly place: readonly (string | number)[];
  readonly message: string;
}

const METHOD = /^[!#$%&'*+.^_`|~0-9A-Z-]+$/;
const NAME = /^[\w.-]{1,100}$/;

/** @param routePaths paths of the routes that there are */
export function checkRules({ rules, dryRunRoutes }: RulesInput, routePaths: readonly string[]): RuleProblem[] {
  const names = rules.map(({ name }) => name);
  return [
    ...rules.flatMap((rule, index) =>
      ruleProblems(rule, routePaths).map(({ place, message }) => ({ place: ['rules', index, ...place], message })),
    ),
    ...names.flatMap((name, index) => {
      const first = names.indexOf(name);
      if (first === index) return [];
      return [
        { place: ['rules', index, 'name'], message: `must be of one rule only; "${name}" is rules[${first}] too` },
      ];
    }),
    ...routeProblems('dryRunRoutes', dryRunRoutes, routePaths),
  ];
}

export function routeProblems(
  key: string,
  routes: readonly string[] | undefined,
  routePaths: readonly string[],
): RuleProblem[] {
  return each(key, routes, (route) =>
    routePaths.includes(route) ? undefined : `must be the path of a route, that is ${quoted(routePaths)}`,
  );
}

function ruleProblems(rule: Rule, routePaths: readonly string[]): RuleProblem[] {
  const { name, effect, routes, methods, paths, who, users, groups, scopes, sources, hours, claims, certificate } =
    rule;
  const some = (value: string) => (value === '' ? 'must not be empty' : undefined);
  return [
    ...one('name', name, NAME.test(name) ? undefined : 'must be 1 to 100 letters, digits, "-", "_" or "."'),
    ...one('effect', effect, isOneOf(EFFECTS, effect ?? 'allow') ? undefined : `must be ${quoted(EFFECTS)}`),
    ...routeProblems('routes', routes, routePaths),
    ...each('methods', methods, (method) => (METHOD.test(method) ? undefined : 'must be a method, like "GET"')),
    ...each('paths', paths, (path) => (isPathPattern(path) ? undefined : PATTERN_EXPECTED)),
    ...each('who', who, (kind) => (isOneOf(CALLER_TYPES, kind) ? undefined : `must be ${quoted(CALLER_TYPES)}`)),
    ...each('users', users, some),
    ...each('groups', groups, some),
    ...each('scopes', scopes, some),
    ...Object.entries(claims ?? {}).flatMap(([claim, values]) => under('claims', each(claim, values, some))),
    ...each('sources', sources, networkProblem),
    ...(['subjects', 'issuers', 'serials'] as const).flatMap((key) =>
      under('certificate', each(key, certificate?.[key], some)),
    ),
    ...timeProblems(rule),
    ...each('hours', hours, (span) =>
      hoursOf(span) ? undefined : 'must be hours of the day in UTC, like "08:00-18:00"',
    ),
  ];
}

const PATTERN_EXPECTED =
  'must be a path whose segments may be "*", and "**" at the end, like "/orders/*/items" or "/orders/**"';

function timeProblems({ validFrom, validUntil }: Rule): RuleProblem[] {
  const expected = 'must be an instant in UTC, like "2026-12-01T00:00:00Z"';
  const from = validFrom === undefined ? undefined : instantOf(validFrom);
  const until = validUntil === undefined ? undefined : instantOf(validUntil);
  return [
    ...one('validFrom', validFrom, validFrom !== undefined && from === undefined ? expected : undefined),
    ...one('validUntil', validUntil, validUntil !== undefined && until === undefined ? expected : undefined),
    ...(from !== undefined && until !== undefined && from >= until
      ? one('validUntil', validUntil, `must be after validFrom, ${validFrom}`)
      : []),
  ];
}

function one(key: string, value: unknown, expected: string | undefined): RuleProblem[] {
  return expected === undefined ? [] : [{ place: [key], message: `${expected}; got ${JSON.stringify(value)}` }];
}

/** An empty list would let a rule fit never, which nobody means. */
function each(
  key: string,
  values: readonly string[] | undefined,
  expected: (value: string) => string | undefined,
): RuleProblem[] {
  if (values?.length === 0) return [{ place: [key], message: 'must hold at least 1; leave the key out to take all' }];
  return (values ?? []).flatMap((value, index) => {
    return one('', value, expected(value)).map(({ message }) => ({ place: [key, index], message }));
  });
}

function under(key: string, problems: readonly RuleProblem[]): RuleProblem[] {
  return problems.map(({ place, message }) => ({ place: [key, ...place], message }));
}

function isOneOf(allowed: readonly string[], value: string): boolean {
  return allowed.includes(value);
}

function quoted(values: readonly string[]): string {
  return values.map((value) => `"${value}"`).join(' or ');
}
