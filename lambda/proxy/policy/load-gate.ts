import { compileRules } from '../../../lib/policy/compile-rules';
import type { PolicySettings } from '../../../lib/policy/policy-settings';
import { Gate } from './gate';

/** Of the two ways only the one that is used is loaded. */
export async function loadGate(settings: PolicySettings): Promise<Gate> {
  if (settings.cedar === undefined) return new Gate(compileRules(settings.rules ?? []), settings);
  const { compilePolicy } = await import('../../../lib/policy/compile-policy');
  return new Gate(compilePolicy(settings), settings);
}
