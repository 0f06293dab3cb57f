import { Aws } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';

/** Policies of the account decide who may use a key, within what its policy denies. */
export function accountDecides(): iam.PolicyStatement {
  return new iam.PolicyStatement({
    sid: 'LetPoliciesOfTheAccountDecide',
    principals: [new iam.AccountRootPrincipal()],
    actions: ['kms:*'],
    resources: ['*'],
  });
}

/** Nobody may make a key unusable, for ever or for a while. */
export function nobodyTakesAway(actions: readonly string[]): iam.PolicyStatement {
  return new iam.PolicyStatement({
    sid: 'NobodyTakesTheKeyAway',
    effect: iam.Effect.DENY,
    principals: [new iam.AnyPrincipal()],
    actions: [...actions],
    resources: ['*'],
  });
}

/** Only deploy roles, and the account's root lest the key become unmanageable, may change the policy of a key. */
export function onlyDeployRolesChangePolicy(deployRoleArns: readonly string[]): iam.PolicyStatement {
  return new iam.PolicyStatement({
    sid: 'OnlyDeployRolesChangeThisPolicy',
    effect: iam.Effect.DENY,
    principals: [new iam.AnyPrincipal()],
    actions: ['kms:PutKeyPolicy'],
    resources: ['*'],
    conditions: { ArnNotLike: { 'aws:PrincipalArn': [...deployRoleArns, accountRootArn()] } },
  });
}

function accountRootArn(): string {
  return `arn:${Aws.PARTITION}:iam::${Aws.ACCOUNT_ID}:root`;
}
