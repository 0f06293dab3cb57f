import { Aws, Stack } from 'aws-cdk-lib';
import type { IConstruct } from 'constructs';

/** Qualifier of `cdk bootstrap` unless told otherwise. */
const DEFAULT_QUALIFIER = 'hnb659fds';

/**
 * The role with which CloudFormation deploys CDK stacks: the only one that must be able to change the trail's policies,
 * since a policy that locked it out could never be deployed again.
 *
 * @see https://docs.aws.amazon.com/cdk/v2/guide/bootstrapping-env.html
 */
export function defaultDeployRoleArn(scope: IConstruct): string {
  const qualifier = Stack.of(scope).synthesizer.bootstrapQualifier ?? DEFAULT_QUALIFIER;
  return (
    `arn:${Aws.PARTITION}:iam::${Aws.ACCOUNT_ID}:role/` +
    `cdk-${qualifier}-cfn-exec-role-${Aws.ACCOUNT_ID}-${Aws.REGION}`
  );
}
