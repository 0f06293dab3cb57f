import type { DryRun } from './policy';
import type { Rule } from './rule';

/** Rules of a policy as the function gets them. */
export interface PolicySettings extends DryRun {
  readonly rules: readonly Rule[];
}
