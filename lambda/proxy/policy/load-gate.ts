import { policyPath } from '../../../lib/policy/policy-path';
import { readPath } from '../../../lib/routing/path-readings';
import { nobody } from '../../../lib/identity/caller';
import { compileRules } from '../../../lib/policy/compile-rules';
import type { Policy } from '../../../lib/policy/policy';
import type { PolicySettings } from '../../../lib/policy/policy-settings';
import { Gate } from './gate';

/** Of the two ways only the one that is used is loaded. */
export async function loadGate(settings: PolicySettings): Promise<Gate> {
  if (settings.cedar === undefined) return new Gate(compileRules(settings.rules ?? []), settings);
  const { compilePolicy } = await import('../../../lib/policy/compile-policy');
  const policy = compilePolicy(settings);
  warmUp(policy);
  return new Gate(policy, settings);
}

/** The engine is compiled as it is used: that is for the start, not for the first request. What it decides is of no use. */
function warmUp(policy: Policy): void {
  try {
    policy.decide({
      method: 'GET',
      path: policyPath(readPath('/'), false),
      routePath: '/',
      caller: nobody(),
      sourceIp: '192.0.2.1',
      time: 0,
      headers: [],
    });
  } catch {
    // A schema need not know such a request.
  }
}
