import type { PathReadings } from '../routing/path-readings';
import type { Route } from '../routing/route';
import type { Decision, Policy, PolicyRequest } from './policy';
import { policyPath } from './policy-path';

/** Stands for a rule where a path may be read in more than one way, so that the policy is not asked. */
export const AMBIGUOUS_PATH_RULE = '(ambiguous_path)';

/**
 * Asks the policy about a request with a route. A path that services may read in more than one way is refused; where the route
 * forwards such paths, only what cannot be decoded is, and the policy judges all readings.
 *
 * @throws whatever the policy throws: what cannot be decided must be refused
 */
export function judge(
  policy: Policy,
  request: Omit<PolicyRequest, 'path' | 'routePath'>,
  route: Route,
  path: PathReadings,
): Decision {
  const forwarded = route.ambiguousPaths === 'forward' && path.complete;
  if (path.ambiguity !== undefined && !forwarded) {
    return { allowed: false, rules: [AMBIGUOUS_PATH_RULE], ambiguity: path.ambiguity };
  }
  return policy.decide({ ...request, path: policyPath(path, route.caseInsensitive ?? false), routePath: route.path });
}
