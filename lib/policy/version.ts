import { createHash } from 'node:crypto';
import { canonicalize } from '../event/canonical';
import type { Rule } from './rule';

/**
 * SHA-256 over the rules in canonical form (RFC 8785), in their order, defaults filled in. A dry run has the same version as
 * its enforcement: what was watched is what will hold.
 */
export function rulesVersion(rules: readonly Rule[]): string {
  const plain = rules.map(({ effect = 'allow', claims, ...rule }) => ({
    ...rule,
    effect,
    // Names of claims may hold characters that names of an event's fields never do.
    claims:
      claims &&
      Object.entries(claims)
        .sort(([a], [b]) => (a < b ? -1 : 1))
        .map(([name, values]) => [name, values]),
  }));
  return createHash('sha256')
    .update(canonicalize({ kind: 'rules', rules: plain }))
    .digest('hex');
}
