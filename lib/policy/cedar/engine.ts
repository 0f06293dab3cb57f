import { createRequire } from 'node:module';
import path from 'node:path';

/** A value in Cedar's JSON. @see https://docs.cedarpolicy.com/auth/entities-syntax.html */
export type CedarValue = string | number | boolean | readonly CedarValue[] | { readonly [name: string]: CedarValue };

export interface EntityUid {
  readonly type: string;
  readonly id: string;
}

export interface Entity {
  readonly uid: EntityUid;
  readonly attrs: Readonly<Record<string, CedarValue>>;
  readonly parents: readonly EntityUid[];
}

interface Failure {
  readonly type: 'failure';
  readonly errors: readonly { readonly message: string }[];
}

/** What is used of `@cedar-policy/cedar-wasm`, and no more. What was parsed before stays in it under the given name. */
export interface CedarEngine {
  policySetTextToParts(text: string): Failure | { type: 'success'; policies: string[]; policy_templates: string[] };
  policyToJson(text: string): Failure | { type: 'success'; json: { annotations?: Record<string, string | null> } };
  preparsePolicySet(name: string, policies: { staticPolicies: Record<string, string> }): Failure | { type: 'success' };
  preparseSchema(name: string, schema: string): Failure | { type: 'success' };
  validate(call: {
    schema: string;
    policies: { staticPolicies: Record<string, string> };
  }): Failure | { type: 'success'; validationErrors: { policyId: string; error: { message: string } }[] };
  statefulIsAuthorized(call: {
    principal: EntityUid;
    action: EntityUid;
    resource: EntityUid;
    context: Readonly<Record<string, CedarValue>>;
    entities: readonly Entity[];
    preparsedPolicySetId: string;
    preparsedSchemaName?: string;
    validateRequest?: boolean;
  }):
    | Failure
    | {
        type: 'success';
        response: {
          decision: 'allow' | 'deny';
          diagnostics: { reason: string[]; errors: { policyId: string; error: { message: string } }[] };
        };
      };
}

/** Folder of the engine within a function: it comes as a layer, so that no other function carries its 4 MB. */
export const LAYER_ENGINE = '/opt/cedar';

/** Loads the engine, which takes some 100 ms of processor time. @param folder absolute */
export function loadEngine(folder: string): CedarEngine {
  const file = path.join(folder, 'cedar_wasm.js');
  return createRequire(file)(file) as CedarEngine;
}
