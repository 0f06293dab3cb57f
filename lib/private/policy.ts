import * as lambda from 'aws-cdk-lib/aws-lambda';
import type { Construct } from 'constructs';
import path from 'node:path';
import type { PolicyProps } from '../policy-props';
import { LAYER_ENGINE } from '../policy/cedar/engine';
import { CedarError } from '../policy/cedar/error';
import { compilePolicy } from '../policy/compile-policy';
import { checkPolicy } from '../policy/policy-input';
import type { PolicySettings } from '../policy/policy-settings';
import { resolvePolicy } from '../policy/resolve-policy';
import type { Route } from '../routing/route';
import { bundlePath } from './bundle';
import { refuse, type PropProblem } from './validation';

/** File that shows that the engine is there. */
const ENGINE_FILE = path.join('cedar', 'cedar_wasm.js');

/**
 * Checks a policy and makes it ready for the function. Cedar policies are parsed, and held against their schema, already here:
 * a policy that cannot be used must not be deployed.
 *
 * @throws ValidationError with all problems.
 */
export function policySettings(
  scope: Construct,
  props: PolicyProps | undefined,
  routes: readonly Route[],
): PolicySettings | undefined {
  if (props === undefined) return undefined;
  const routePaths = routes.map((route) => route.path);
  refuse(
    scope,
    checkPolicy(props, routePaths).map(({ place, message }) => ({ key: keyOf(place), message })),
  );
  try {
    const here = props.cedar === undefined ? '' : path.join(bundlePath('cedar', __dirname, ENGINE_FILE), 'cedar');
    compilePolicy(resolvePolicy(props, here));
    return resolvePolicy(props, LAYER_ENGINE);
  } catch (error) {
    if (!(error instanceof CedarError)) throw error;
    refuse(
      scope,
      error.problems.map((message): PropProblem => ({ key: 'policy.cedar', message })),
    );
    throw error;
  }
}

/** The engine, beside a function that has Cedar policies. */
export function cedarLayers(scope: Construct, policy: PolicySettings | undefined): lambda.ILayerVersion[] {
  if (policy?.cedar === undefined) return [];
  return [
    new lambda.LayerVersion(scope, 'Cedar', {
      description: 'The engine of Cedar policies',
      code: lambda.Code.fromAsset(bundlePath('cedar', __dirname, ENGINE_FILE)),
    }),
  ];
}

function keyOf(place: readonly (string | number)[]): string {
  return place.reduce<string>(
    (key, part) => (typeof part === 'number' ? `${key}[${part}]` : `${key}.${part}`),
    'policy',
  );
}
