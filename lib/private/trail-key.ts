import { Lazy, RemovalPolicy, Stack } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as kms from 'aws-cdk-lib/aws-kms';
import type { Construct } from 'constructs';
import { accountDecides, nobodyTakesAway, onlyDeployRolesChangePolicy } from './key-policy';

export interface TrailKeyProps {
  /** Who may change its policy; ARNs, `*` allowed. */
  readonly deployRoleArns: readonly string[];
  /** Roles that write into the bucket; more may come until the template is made. */
  readonly writerArns: readonly string[];
}

/**
 * The key under which the trail lies. Who deletes it destroys every locked object, so nobody may, and only deploy roles
 * (and the account's root, lest the key become unmanageable) may change its policy.
 *
 * @see https://docs.aws.amazon.com/kms/latest/developerguide/deleting-keys.html
 */
export function trailKey(scope: Construct, id: string, { deployRoleArns, writerArns }: TrailKeyProps): kms.Key {
  return new kms.Key(scope, id, {
    description: 'Audit trail: encrypts audit events at rest',
    enableKeyRotation: true,
    removalPolicy: RemovalPolicy.RETAIN,
    policy: new iam.PolicyDocument({
      statements: [
        accountDecides(),
        nobodyTakesAway(['kms:DisableKey', 'kms:DisableKeyRotation', 'kms:ScheduleKeyDeletion']),
        onlyDeployRolesChangePolicy(deployRoleArns),
        onlyWritersEncryptObjects(scope, writerArns),
      ],
    }),
  });
}

/**
 * Whoever puts an object into the bucket needs a data key of this one. Nobody but the writers gets any, so that a bucket
 * policy that somebody widens opens nothing. Streams are left out: how Firehose asks for their data keys is not documented.
 *
 * @see https://docs.aws.amazon.com/kms/latest/developerguide/conditions-kms.html#conditions-kms-via-service
 */
function onlyWritersEncryptObjects(scope: Construct, writerArns: readonly string[]): iam.PolicyStatement {
  return new iam.PolicyStatement({
    sid: 'OnlyWritersEncryptObjects',
    effect: iam.Effect.DENY,
    principals: [new iam.AnyPrincipal()],
    actions: ['kms:Encrypt', 'kms:GenerateDataKey*', 'kms:ReEncryptTo'],
    resources: ['*'],
    conditions: {
      StringEquals: { 'kms:ViaService': `s3.${Stack.of(scope).region}.amazonaws.com` },
      ArnNotEquals: { 'aws:PrincipalArn': Lazy.list({ produce: () => [...writerArns] }) },
    },
  });
}
