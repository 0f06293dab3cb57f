import { callerOf } from '../../lib/identity/caller';
import { compilePolicy } from '../../lib/policy/compile-policy';
import type { Policy } from '../../lib/policy/policy';
import { instantOf } from '../../lib/policy/times';
import { RouteTable } from '../../lib/routing/route-table';
import { ConfigError, type AuditProxyConfig } from '../config/config';
import { localPolicy } from '../local/local-policy';
import { ExamplesError, type Example } from './examples';
import { verifiedOf } from './verified';

/** What the policy says of one example. */
export interface TestResult {
  readonly name: string;
  readonly request: string;
  readonly expected: string;
  readonly decision: string;
  readonly rule: string;
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
  const { name, method, path, expect, rule } = example;
  const routePath = routes.match(path)?.path;
  const { allowed, rules } =
    routePath === undefined
      ? { allowed: false, rules: [NO_ROUTE] }
      : policy.decide({
          method,
          path,
          routePath,
          caller: callerOf(verifiedOf(callerIn(example, config)), config.claimNames),
          sourceIp: example.sourceIp,
          time: example.time === undefined ? now : (instantOf(example.time) ?? now),
          headers: Object.entries(example.headers ?? {}),
        });
  const decision = allowed ? 'allow' : 'deny';
  return {
    name,
    request: `${method} ${path}`,
    expected: rule === undefined ? expect : `${expect} by ${rule}`,
    decision,
    rule: rules.join(', '),
    passed: decision === expect && (rule === undefined || rules.includes(rule)),
  };
}

function callerIn({ name, caller = {} }: Example, { local }: AuditProxyConfig) {
  if (typeof caller !== 'string') return caller;
  const known = local.callers[caller];
  if (known === undefined) throw new ExamplesError(`${name}: the config has no such caller in local.callers`);
  return known;
}
