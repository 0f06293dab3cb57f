import { createHash } from 'node:crypto';
import { canonicalize } from '../../event/canonical';
import { DEFAULT_RULE, type Decision, type Policy, type PolicyRequest } from '../policy';
import type { CedarEngine } from './engine';
import { CedarError } from './error';
import type { CedarText } from './folder';
import { cedarPaths, cedarRequest } from './request';

/** Stands before the names of policies that could not be evaluated: such a request is refused, whatever others say. */
const ERROR_RULE = '(error)';

/**
 * Makes Cedar policies ready to be asked. Each has the name of its annotation `@id`, or that of its file and its place in it
 * (`orders#0`). With a schema they are checked by it, and each request is too.
 *
 * @param headerNames headers that policies may look at
 * @throws CedarError with everything that is wrong
 */
export function compileCedar(engine: CedarEngine, text: CedarText, headerNames: readonly string[] = []): Policy {
  const { schema } = text;
  const staticPolicies = policiesByName(engine, text);
  const names = headerNames.map((name) => name.toLowerCase());
  const version = versionOf(text, names);
  if (schema !== undefined) validate(engine, schema, staticPolicies);
  orThrow(engine.preparsePolicySet(version, { staticPolicies }), 'policies');
  if (schema !== undefined) orThrow(engine.preparseSchema(version, schema), 'schema');
  const parsed = {
    preparsedPolicySetId: version,
    ...(schema !== undefined && { preparsedSchemaName: version, validateRequest: true }),
  };
  return {
    kind: 'cedar',
    version,
    decide: (request) => {
      const decisions = cedarPaths(request.path).map((path) => decide(engine, request, path, names, parsed));
      return decisions.find(({ allowed }) => !allowed) ?? { allowed: true, rules: namesIn(decisions) };
    },
  };
}

function namesIn(decisions: readonly Decision[]): string[] {
  return [...new Set(decisions.flatMap(({ rules }) => rules))].sort();
}

function decide(
  engine: CedarEngine,
  request: PolicyRequest,
  normalizedPath: string,
  headerNames: readonly string[],
  parsed: { preparsedPolicySetId: string; preparsedSchemaName?: string; validateRequest?: boolean },
): Decision {
  const answer = engine.statefulIsAuthorized({ ...cedarRequest(request, normalizedPath, headerNames), ...parsed });
  const { decision, diagnostics } = orThrow(answer, 'request').response;
  if (diagnostics.errors.length > 0) {
    return { allowed: false, rules: [ERROR_RULE, ...diagnostics.errors.map(({ policyId }) => policyId).sort()] };
  }
  const { reason } = diagnostics;
  return { allowed: decision === 'allow', rules: reason.length === 0 ? [DEFAULT_RULE] : [...reason].sort() };
}

function policiesByName(engine: CedarEngine, { policies }: CedarText): Record<string, string> {
  const byName = new Map<string, string>();
  for (const { file, text } of policies) {
    const parts = orThrow(engine.policySetTextToParts(text), file);
    if (parts.policy_templates.length > 0) throw new CedarError([`${file}: templates have no place here`]);
    parts.policies.forEach((policy, index) => {
      const { annotations } = orThrow(engine.policyToJson(policy), file).json;
      const name = annotations?.['id'] || `${file.replace(/\.cedar$/, '')}#${index}`;
      if (byName.has(name)) throw new CedarError([`${file}: there are two policies with the id "${name}"`]);
      byName.set(name, policy);
    });
  }
  return Object.fromEntries(byName);
}

function validate(engine: CedarEngine, schema: string, staticPolicies: Record<string, string>): void {
  knowsNormalizedPath(engine, schema);
  const { validationErrors } = orThrow(engine.validate({ schema, policies: { staticPolicies } }), 'schema');
  if (validationErrors.length === 0) return;
  throw new CedarError(validationErrors.map(({ policyId, error }) => `${policyId}: ${error.message}`));
}

/** A schema without it would have every request refused. */
function knowsNormalizedPath(engine: CedarEngine, schema: string): void {
  const policy =
    'permit (principal, action, resource) when { resource is Audit::Resource && resource.normalizedPath == "" };';
  const { validationErrors } = orThrow(engine.validate({ schema, policies: { staticPolicies: { policy } } }), 'schema');
  if (validationErrors.length === 0) return;
  throw new CedarError(['schema: Audit::Resource must have path, normalizedPath and route, each a String']);
}

/** SHA-256 over the canonical form (RFC 8785) of the files' texts, of the schema, and of what policies may look at. */
function versionOf({ policies, schema }: CedarText, headers: readonly string[]): string {
  return createHash('sha256')
    .update(canonicalize({ kind: 'cedar', policies, schema, headers }))
    .digest('hex');
}

type Failed = { readonly type: 'failure'; readonly errors: readonly { readonly message: string }[] };

function orThrow<T extends { readonly type: 'success' }>(answer: T | Failed, about: string): T {
  if (answer.type === 'success') return answer;
  throw new CedarError(answer.errors.map(({ message }) => `${about}: ${message}`));
}
