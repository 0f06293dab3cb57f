import { RemovalPolicy } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as kms from 'aws-cdk-lib/aws-kms';
import type { Construct } from 'constructs';
import { accountDecides, nobodyTakesAway, onlyDeployRolesChangePolicy } from './key-policy';

/**
 * The key under which the trail lies. Who deletes it destroys every locked object, so nobody may, and only deploy roles
 * (and the account's root, lest the key become unmanageable) may change its policy.
 *
 * @see https://docs.aws.amazon.com/kms/latest/developerguide/deleting-keys.html
 */
export function trailKey(scope: Construct, id: string, deployRoleArns: readonly string[]): kms.Key {
  return new kms.Key(scope, id, {
    description: 'Audit trail: encrypts audit events at rest',
    enableKeyRotation: true,
    removalPolicy: RemovalPolicy.RETAIN,
    policy: new iam.PolicyDocument({
      statements: [
        accountDecides(),
        nobodyTakesAway(['kms:DisableKey', 'kms:DisableKeyRotation', 'kms:ScheduleKeyDeletion']),
        onlyDeployRolesChangePolicy(deployRoleArns),
      ],
    }),
  });
}
