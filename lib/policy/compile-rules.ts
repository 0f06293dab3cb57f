import { list, valueOf, type Claims } from '../identity/claim-values';
import { networkTest } from './networks';
import { anyCase, asciiLower } from '../routing/fold-case';
import { pathTest } from './path-pattern';
import { DEFAULT_RULE, type Policy, type PolicyRequest } from './policy';
import { ANONYMOUS, type CertificateCondition, type ClaimConditions, type Rule } from './rule';
import { hoursTest, instantOf } from './times';
import { rulesVersion } from './version';

type Condition = (request: PolicyRequest) => boolean;

/** Makes rules, once checked, ready to be asked: a request costs what its conditions compare, nothing is parsed again. */
export function compileRules(rules: readonly Rule[]): Policy {
  const compiled = rules.map((rule) => ({
    conditions: conditionsOf(rule),
    decision: { allowed: !denies(rule), rules: [rule.name] },
  }));
  const refused = { allowed: false, rules: [DEFAULT_RULE] };
  return {
    kind: 'rules',
    version: rulesVersion(rules),
    decide: (request) =>
      compiled.find(({ conditions }) => conditions.every((holds) => holds(request)))?.decision ?? refused,
  };
}

function denies({ effect }: Rule): boolean {
  return effect === 'deny';
}

/** Cheap ones first. */
function conditionsOf(rule: Rule): Condition[] {
  const { routes, methods, paths, users, groups, scopes, claims, sources, certificate, validFrom, validUntil, hours } =
    rule;
  const refuses = denies(rule);
  return [
    ...given(
      routes,
      (all) =>
        ({ routePath }) =>
          all.includes(routePath),
    ),
    ...given(
      methods,
      (all) =>
        ({ method }) =>
          all.includes(method),
    ),
    whoCondition(rule),
    ...given(
      users,
      (all) =>
        ({ caller }) =>
          caller.actor.user?.uid !== undefined && all.includes(caller.actor.user.uid),
    ),
    ...given(
      groups,
      (all) =>
        ({ caller }) =>
          caller.groups.some((group) => all.includes(group)),
    ),
    ...given(
      scopes,
      (all) =>
        ({ caller }) =>
          caller.scopes.some((scope) => all.includes(scope)),
    ),
    ...given(
      claims,
      (all) =>
        ({ caller }) =>
          claimsHold(all, caller.claims),
    ),
    ...given(certificate, certificateCondition),
    ...given(
      validFrom && instantOf(validFrom),
      (from) =>
        ({ time }) =>
          time >= from,
    ),
    ...given(
      validUntil && instantOf(validUntil),
      (until) =>
        ({ time }) =>
          time < until,
    ),
    ...given(hours, (all) => {
      const within = hoursTest(all);
      return ({ time }) => within(time);
    }),
    ...given(sources, (all) => {
      const within = networkTest(all);
      // Where nobody knows where a request comes from, it counts against the caller.
      return ({ sourceIp }) => (sourceIp === undefined ? refuses : within(sourceIp));
    }),
    ...given(paths, refuses ? deniedPaths : allowedPaths),
  ];
}

/** A rule that refuses takes any reading, in any case: a service may ignore it without anybody having said so. */
function deniedPaths(patterns: readonly string[]): Condition {
  const tests = patterns.map((pattern) => pathTest(pattern, anyCase));
  return ({ path }) => path.folded.some((reading) => tests.some((test) => test(reading)));
}

/** A rule that lets in must mean every reading; its patterns together, not each of them alone. */
function allowedPaths(patterns: readonly string[]): Condition {
  const exact = patterns.map((pattern) => pathTest(pattern, (text) => text));
  const lower = patterns.map((pattern) => pathTest(pattern, asciiLower));
  return ({ path }) => {
    const tests = path.ignoresCase ? lower : exact;
    return path.readings.every((reading) => tests.some((test) => test(reading)));
  };
}

/** Nobody is let in unknown by a rule that merely does not ask. */
function whoCondition(rule: Rule): Condition {
  const { who } = rule;
  if (who !== undefined) return ({ caller }) => who.includes(caller.type);
  return denies(rule) ? () => true : ({ caller }) => caller.type !== ANONYMOUS;
}

function claimsHold(wanted: ClaimConditions, claims: Claims): boolean {
  return Object.entries(wanted).every(([name, values]) => {
    const value = valueOf(claims, [name]);
    const isList = Array.isArray(value) || (typeof value === 'string' && /^\[.*\]$/s.test(value));
    // The claim as a whole, or an entry of a list. Other text is not cut: a name may hold any word.
    return values.includes(String(value ?? '')) || (isList && list(value).some((entry) => values.includes(entry)));
  });
}

function certificateCondition({ subjects, issuers, serials }: CertificateCondition): Condition {
  return ({ caller: { certificate } }) =>
    certificate !== undefined &&
    (subjects?.includes(certificate.subjectDN) ?? true) &&
    (issuers?.includes(certificate.issuerDN) ?? true) &&
    (serials?.includes(certificate.serialNumber) ?? true);
}

function given<T>(value: T | undefined | '', condition: (value: T) => Condition): Condition[] {
  return value === undefined || value === '' ? [] : [condition(value)];
}
