import { compileCedar } from './cedar/compile-cedar';
import { loadEngine } from './cedar/engine';
import { compileRules } from './compile-rules';
import type { Policy } from './policy';
import type { PolicySettings } from './policy-settings';

/** @throws CedarError for Cedar policies that cannot be used */
export function compilePolicy({ rules, cedar }: PolicySettings): Policy {
  return cedar === undefined ? compileRules(rules ?? []) : compileCedar(loadEngine(cedar.engine), cedar, cedar.headers);
}
