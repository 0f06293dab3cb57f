import { compileRules } from '../../../lib/policy/compile-rules';
import type { PolicySettings } from '../../../lib/policy/policy-settings';
import { Gate } from './gate';

export function loadGate(settings: PolicySettings): Gate {
  return new Gate(compileRules(settings.rules), settings);
}
