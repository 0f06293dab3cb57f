import path from 'node:path';
import { CedarError } from '../../lib/policy/cedar/error';
import { compilePolicy } from '../../lib/policy/compile-policy';
import type { PolicyInput } from '../../lib/policy/policy-input';
import type { PolicySettings } from '../../lib/policy/policy-settings';
import { resolvePolicy } from '../../lib/policy/resolve-policy';
import { ConfigError } from '../config/config';
import { packageRoot } from './package-root';

/**
 * The policy as the function on this machine gets it, and as the command line asks it.
 *
 * @throws ConfigError for Cedar policies that cannot be used
 */
export function localPolicy(input: PolicyInput): PolicySettings {
  try {
    const policy = resolvePolicy(input, path.join(packageRoot(), 'dist', 'lambda', 'cedar', 'cedar'));
    if (policy.cedar !== undefined) compilePolicy(policy);
    return policy;
  } catch (error) {
    if (!(error instanceof CedarError)) throw error;
    throw new ConfigError(error.problems.map((problem) => `policy.cedar: ${problem}`).join('\n'));
  }
}
