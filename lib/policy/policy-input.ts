import { checkRules, routeProblems, type RuleProblem } from './check-rules';
import type { DryRun } from './policy';
import type { Rule } from './rule';

/** A policy as people write it, in the config as in constructs: either rules or a folder with Cedar policies. */
export interface PolicyInput extends DryRun {
  readonly rules?: readonly Rule[] | undefined;
  /** Folder with policies. */
  readonly cedar?: string | undefined;
  /** Names of headers that Cedar policies may look at. */
  readonly cedarHeaders?: readonly string[] | undefined;
}

const HEADER = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;

/** Checks what can be checked without reading Cedar policies. */
export function checkPolicy(
  { rules, cedar, cedarHeaders, dryRunRoutes }: PolicyInput,
  routePaths: readonly string[],
): RuleProblem[] {
  if ((rules === undefined) === (cedar === undefined)) {
    return [{ place: [], message: 'must have one of rules and cedar; got ' + (rules ? 'both' : 'none') }];
  }
  if (rules !== undefined) {
    const unused = cedarHeaders && [{ place: ['cedarHeaders'], message: 'must go with cedar; got no cedar' }];
    return [...checkRules({ rules, dryRunRoutes }, routePaths), ...(unused ?? [])];
  }
  return [
    ...(cedarHeaders ?? []).flatMap((name, index) =>
      HEADER.test(name)
        ? []
        : [{ place: ['cedarHeaders', index], message: 'must be the name of a header; got ' + JSON.stringify(name) }],
    ),
    ...routeProblems('dryRunRoutes', dryRunRoutes, routePaths),
  ];
}
