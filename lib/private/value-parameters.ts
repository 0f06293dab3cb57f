import { Stack } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as ssm from 'aws-cdk-lib/aws-ssm';
import { Construct } from 'constructs';
import { VALUE_PARAMETERS_VARIABLE } from '../routing/settings-file';
import { sizeOf } from './text-size';

/**
 * Largest standard parameter.
 *
 * @see https://docs.aws.amazon.com/systems-manager/latest/userguide/parameter-store-advanced-parameters.html
 */
const MAX_PARAMETER_BYTES = 4096;
/** Quotes and comma. */
const AROUND_VALUE_BYTES = 3;

/** Puts values that are known at deployment only into as many parameters as they need, as JSON arrays. */
export function valueParameters(scope: Construct, values: readonly string[]) {
  const parameters = groups(scope, values).map(
    (some, index) =>
      new ssm.StringParameter(scope, `Values${index}`, {
        description: 'Settings of the proxy function that are known at deployment only, as a JSON array',
        stringValue: Stack.of(scope).toJsonString(some),
        // A value may turn out to be longer than was reckoned with.
        tier: ssm.ParameterTier.INTELLIGENT_TIERING,
      }),
  );
  return {
    environment: {
      [VALUE_PARAMETERS_VARIABLE]: Stack.of(scope).toJsonString(parameters.map(({ parameterName }) => parameterName)),
    },
    statements: [
      new iam.PolicyStatement({
        actions: ['ssm:GetParameters'],
        resources: parameters.map(({ parameterArn }) => parameterArn),
      }),
    ],
  };
}

/** In their order, as many together as fit. */
function groups(scope: Construct, values: readonly string[]): string[][] {
  const result: string[][] = [];
  let bytes = Infinity;
  for (const value of values) {
    const size = sizeOf(scope, value) + AROUND_VALUE_BYTES;
    if (bytes + size > MAX_PARAMETER_BYTES) {
      result.push([]);
      bytes = 0;
    }
    result.at(-1)!.push(value);
    bytes += size;
  }
  return result;
}
