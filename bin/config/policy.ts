import path from 'node:path';
import { checkPolicy, type PolicyInput } from '../../lib/policy/policy-input';
import type { Rule } from '../../lib/policy/rule';
import type { Problem } from './problem';

/** The folder of Cedar policies is told from where the config lies. */
export function resolvePolicy(raw: PolicyInput, folder: string): PolicyInput {
  return raw.cedar === undefined ? raw : { ...raw, cedar: path.resolve(folder, raw.cedar) };
}

/** Checks what a JSON Schema cannot say of it; what does not even have the right type is passed over. */
export function policyProblems(policy: unknown, routes: readonly unknown[]): Problem[] {
  if (policy === undefined) return [];
  const { rules, cedar, cedarHeaders, dryRunRoutes } = asObject(policy);
  const routePaths = routes.flatMap((route) => texts([asObject(route).path]) ?? []);
  const input: PolicyInput = {
    rules: Array.isArray(rules) ? rules.map(asRule) : undefined,
    cedar: typeof cedar === 'string' ? cedar : undefined,
    cedarHeaders: texts(cedarHeaders),
    dryRunRoutes: texts(dryRunRoutes),
  };
  return checkPolicy(input, routePaths).map(({ place, message }) => ({ place: ['policy', ...place], message }));
}

const LISTS = ['routes', 'methods', 'paths', 'who', 'users', 'groups', 'scopes', 'sources', 'hours'] as const;
const CERTIFICATE_LISTS = ['subjects', 'issuers', 'serials'] as const;

function asRule(raw: unknown, index: number): Rule {
  const rule = asObject(raw);
  return {
    // An absent name is the schema's affair; it must not be twice the same.
    name: text(rule.name) ?? `absent-${index}`,
    effect: text(rule.effect),
    ...listsOf(rule, LISTS),
    claims: Object.fromEntries(
      Object.entries(asObject(rule.claims)).map(([name, values]) => [name, texts(values) ?? ['-']]),
    ),
    certificate: rule.certificate === undefined ? undefined : listsOf(asObject(rule.certificate), CERTIFICATE_LISTS),
    validFrom: text(rule.validFrom),
    validUntil: text(rule.validUntil),
  };
}

function listsOf<K extends string>(
  raw: Readonly<Record<string, unknown>>,
  keys: readonly K[],
): { [key in K]?: string[] } {
  return Object.fromEntries(keys.map((key) => [key, texts(raw[key])])) as { [key in K]?: string[] };
}

function texts(value: unknown): string[] | undefined {
  return Array.isArray(value) && value.every((one) => typeof one === 'string') ? value : undefined;
}

function text(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}

function asObject(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
}
