import { Aws, RemovalPolicy } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as kms from 'aws-cdk-lib/aws-kms';
import type { Construct } from 'constructs';

/**
 * The key under which the trail lies. Who deletes it destroys every locked object, so nobody may, and only deploy roles
 * (and the account's root, lest the key become unmanageable) may change its policy.
 *
 * @see https://docs.aws.amazon.com/kms/latest/developerguide/deleting-keys.html
 */
export function trailKey(scope: Construct, id: string, deployRoleArns: readonly string[]): kms.Key {
  const root = new iam.AccountRootPrincipal();
  return new kms.Key(scope, id, {
    description: 'Audit trail: encrypts audit events at rest',
    enableKeyRotation: true,
    removalPolicy: RemovalPolicy.RETAIN,
    policy: new iam.PolicyDocument({
      statements: [
        new iam.PolicyStatement({
          sid: 'LetPoliciesOfTheAccountDecide',
          principals: [root],
          actions: ['kms:*'],
          resources: ['*'],
        }),
        new iam.PolicyStatement({
          sid: 'NobodyTakesTheKeyAway',
          effect: iam.Effect.DENY,
          principals: [new iam.AnyPrincipal()],
          actions: ['kms:DisableKey', 'kms:DisableKeyRotation', 'kms:ScheduleKeyDeletion'],
          resources: ['*'],
        }),
        new iam.PolicyStatement({
          sid: 'OnlyDeployRolesChangeThisPolicy',
          effect: iam.Effect.DENY,
          principals: [new iam.AnyPrincipal()],
          actions: ['kms:PutKeyPolicy'],
          resources: ['*'],
          conditions: { ArnNotLike: { 'aws:PrincipalArn': [...deployRoleArns, accountRootArn()] } },
        }),
      ],
    }),
  });
}

function accountRootArn(): string {
  return `arn:${Aws.PARTITION}:iam::${Aws.ACCOUNT_ID}:root`;
}
