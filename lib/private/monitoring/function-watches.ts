import { Stack } from 'aws-cdk-lib';
import type * as iam from 'aws-cdk-lib/aws-iam';
import type * as lambda from 'aws-cdk-lib/aws-lambda';
import { allBut, beginningWith, calls, endingIn, exactly, inPortions, type Value, type Watch } from './calls';

const FUNCTIONS_OF_ONE_WATCH = 3;
const ROLES_OF_ONE_WATCH = 8;

/**
 * Everything that changes a function: its code, configuration, permissions, URLs, concurrency, aliases and versions; names
 * of calls end in the version of the API, e.g. `UpdateFunctionCode20150331v2`. And every function that gets its role:
 * whoever makes one has that role's permissions.
 *
 * @see https://docs.aws.amazon.com/lambda/latest/dg/logging-using-cloudtrail.html
 */
export function functionWatches(functions: readonly lambda.IFunction[], roles: readonly iam.IRole[]): Watch[] {
  return [
    ...inPortions(functions, FUNCTIONS_OF_ONE_WATCH).map((portion, n) => ({
      id: `FunctionCalls${n}`,
      description: 'Changes to the functions that record and seal',
      eventPattern: calls('lambda', CHANGES, [{ functionName: portion.flatMap(spellings) }]),
    })),
    ...inPortions(roles, ROLES_OF_ONE_WATCH).map((portion, n) => ({
      id: `RoleCalls${n}`,
      description: 'Functions that are given a role of the audit trail',
      eventPattern: calls('lambda', CHANGES, [{ role: portion.map(({ roleArn }) => exactly(roleArn)) }]),
    })),
  ];
}

/** `Invoke` is a call of data events, which a trail of CloudTrail may log too. */
const CHANGES = allBut('Get', 'Invoke', 'List');

/**
 * A function is named by its name, or by its ARN with or without its beginning, and with or without a version or alias:
 * `name`, `name:live`, `function:name`, `123456789012:function:name:1`.
 *
 * @see https://docs.aws.amazon.com/lambda/latest/api/API_UpdateFunctionConfiguration.html
 */
function spellings(handler: lambda.IFunction): Value[] {
  const { functionName: name, functionArn: arn } = handler;
  return [
    endingIn(name),
    beginningWith(`${name}:`),
    beginningWith(`${arn}:`),
    beginningWith(`${Stack.of(handler).account}:function:${name}:`),
    { wildcard: `*:${name}:*` },
  ];
}
