import { RemovalPolicy } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as kms from 'aws-cdk-lib/aws-kms';
import type { Construct } from 'constructs';
import { accountDecides, nobodyTakesAway, onlyDeployRolesChangePolicy } from '../key-policy';

export interface SigningKeyProps {
  /** Who signs, and nobody else. */
  readonly sealer: iam.IRole;
  /** Who tells the public key to others. */
  readonly publisher: iam.IRole;
  /** Who may change the policy of the key; ARNs, `*` allowed. */
  readonly deployRoleArns: readonly string[];
}

/**
 * The Ed25519 key that signs checkpoints; KMS never lets it out. Whoever can sign can have two ledgers, so the policy
 * keeps signing to the sealer's role: what else policies of the account allow, or a grant, is denied, administrators
 * included. The key cannot be rotated, and stays when the stack is deleted: somebody pins its public half.
 *
 * Roles are allowed here and not in policies of their own, since the key must name them and could not be there first.
 *
 * @see https://docs.aws.amazon.com/kms/latest/developerguide/conditions-kms.html
 */
export function signingKey(scope: Construct, id: string, props: SigningKeyProps): kms.Key {
  const { sealer, publisher, deployRoleArns } = props;
  return new kms.Key(scope, id, {
    description: 'Audit ledger: signs checkpoints',
    keySpec: kms.KeySpec.ECC_NIST_EDWARDS25519,
    keyUsage: kms.KeyUsage.SIGN_VERIFY,
    removalPolicy: RemovalPolicy.RETAIN,
    policy: new iam.PolicyDocument({
      statements: [
        accountDecides(),
        new iam.PolicyStatement({
          sid: 'TheSealerSigns',
          principals: [new iam.ArnPrincipal(sealer.roleArn)],
          actions: ['kms:Sign'],
          resources: ['*'],
          conditions: {
            StringEquals: { 'kms:SigningAlgorithm': 'ED25519_SHA_512', 'kms:MessageType': 'RAW' },
          },
        }),
        new iam.PolicyStatement({
          sid: 'NobodyElseSigns',
          effect: iam.Effect.DENY,
          principals: [new iam.AnyPrincipal()],
          actions: ['kms:Sign'],
          resources: ['*'],
          conditions: { ArnNotEquals: { 'aws:PrincipalArn': [sealer.roleArn] } },
        }),
        new iam.PolicyStatement({
          sid: 'ThePublicKeyIsRead',
          principals: [sealer, publisher].map(({ roleArn }) => new iam.ArnPrincipal(roleArn)),
          actions: ['kms:GetPublicKey'],
          resources: ['*'],
        }),
        nobodyTakesAway(['kms:DisableKey', 'kms:ScheduleKeyDeletion']),
        onlyDeployRolesChangePolicy(deployRoleArns),
      ],
    }),
  });
}
