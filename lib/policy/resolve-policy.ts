import { readCedarFolder } from './cedar/folder';
import type { PolicyInput } from './policy-input';
import type { PolicySettings } from './policy-settings';

/**
 * A policy, once checked, as the function gets it: folders are read.
 *
 * @param engine folder of the Cedar engine where the function runs
 * @throws CedarError if the folder of policies cannot be read
 */
export function resolvePolicy({ rules, cedar, cedarHeaders, ...dryRun }: PolicyInput, engine: string): PolicySettings {
  if (cedar === undefined) return { ...dryRun, rules: rules ?? [] };
  return { ...dryRun, cedar: { ...readCedarFolder(cedar), headers: cedarHeaders ?? [], engine } };
}
