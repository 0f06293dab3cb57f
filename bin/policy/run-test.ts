import { callerOf } from '../../lib/identity/caller';
import { compilePolicy } from '../../lib/policy/compile-policy';
import { AMBIGUOUS_PATH_RULE, judge } from '../../lib/policy/judge';
import type { Decision, Policy } from '../../lib/policy/policy';
import { instantOf } from '../../lib/policy/times';
import { unsafePath, type PathReadings } from '../../lib/routing/path-readings';
import { RouteTable } from '../../lib/routing/route-table';
import { ConfigError, type AuditProxyConfig } from '../config/config';
import { localPolicy } from '../local/local-policy';
import { arrivingPath } from './arriving-path';
import { ExamplesError, type Example } from './examples';
import { verifiedOf } from './verified';

/** What the policy says of one example. */
export interface TestResult {
  readonly name: string;
  readonly request: string;
  /** What services may take the path for; one reading unless it is ambiguous. */
  readonly readings: readonly string[];
  readonly expected: string;
  readonly decision: string;
  readonly rule: string;
  /** Why the path is refused as ambiguous, if it is. */
  readonly ambiguity?: string;
  readonly passed: boolean;
}

export interface TestReport {
  /** Of the policy; in events under `actor.authorizations`. */
  readonly version: string;
  readonly results: readonly TestResult[];
}

/** Stands for a rule where a path has no route: such a request gets 404 whatever the policy says. */
const NO_ROUTE = '(no route)';

/**
 * Asks the config's policy about each example, by the same code as the function.
 *
 * @param now epoch milliseconds, for examples that tell no time
 * @throws ConfigError without a policy, ExamplesError for a caller that is not there
 */
export function testPolicy(config: AuditProxyConfig, examples: readonly Example[], now: number): TestReport {
  if (config.policy === undefined)
    throw new ConfigError(`${config.file}: policy: is missing; there is nothing to test`);
  const policy = compilePolicy(localPolicy(config.policy));
  const routes = new RouteTable(config.routes);
  return {
    version: policy.version,
    results: examples.map((example) => resultOf(example, config, policy, routes, now)),
  };
}

function resultOf(
  example: Example,
  config: AuditProxyConfig,
  policy: Policy,
  routes: RouteTable,
  now: number,
): TestResult {
  const { name, method, expect, rule } = example;
  const { path, readings } = arrivingPath(example.path, config.api.type);
  const { allowed, rules, ambiguity } = decisionOn(example, path, readings, config, policy, routes, now);
  const decision = allowed ? 'allow' : 'deny';
  return {
    name,
    request: `${method} ${example.path}`,
    readings: readings.readings,
    expected: rule === undefined ? expect : `${expect} by ${rule}`,
    decision,
    rule: rules.join(', '),
    ...(ambiguity !== undefined && { ambiguity }),
    passed: decision === expect && (rule === undefined || rules.includes(rule)),
  };
}

/** In the order of the function: what must not be forwarded at all, the route, then the policy. */
function decisionOn(
  example: Example,
  path: string,
  readings: PathReadings,
  config: AuditProxyConfig,
  policy: Policy,
  routes: RouteTable,
  now: number,
): Decision {
  const route = routes.match(path);
  const ambiguity = unsafePath(path) ?? (route && routes.strays(readings, route));
  if (ambiguity !== undefined) return { allowed: false, rules: [AMBIGUOUS_PATH_RULE], ambiguity };
  if (route === undefined) return { allowed: false, rules: [NO_ROUTE] };
  const request = {
    method: example.method,
    caller: callerOf(verifiedOf(callerIn(example, config)), config.claimNames),
    sourceIp: example.sourceIp,
    time: example.time === undefined ? now : (instantOf(example.time) ?? now),
    headers: Object.entries(example.headers ?? {}),
  };
  return judge(policy, request, route, readings);
}

function callerIn({ name, caller = {} }: Example, { local }: AuditProxyConfig) {
  if (typeof caller !== 'string') return caller;
  const known = local.callers[caller];
  if (known === undefined) throw new ExamplesError(`${name}: the config has no such caller in local.callers`);
  return known;
}
