import { Aws, Lazy } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import type * as kms from 'aws-cdk-lib/aws-kms';
import * as secretsmanager from 'aws-cdk-lib/aws-secretsmanager';
import { Construct } from 'constructs';
import { readSecretsStatement } from './operational-key';

export interface GuardedSecretProps {
  readonly secret: secretsmanager.SecretProps;
  /** Encrypts it. */
  readonly key: kms.IKey;
  /** Who may change its resource policy; ARNs, `*` allowed. */
  readonly deployRoleArns: readonly string[];
}

/**
 * A secret that only the roles named in its resource policy can read, administrators of the account not included. Whoever
 * can change that policy is a deploy role, or the account's root, lest the secret become unmanageable.
 *
 * @see https://docs.aws.amazon.com/secretsmanager/latest/userguide/auth-and-access_resource-policies.html
 */
export class GuardedSecret extends Construct {
  readonly secret: secretsmanager.Secret;
  private readonly key: kms.IKey;
  private readonly readerArns: string[] = [];

  /** @param scope in which the secret itself lies, under `Secret` */
  constructor(scope: Construct, id: string, { secret, key, deployRoleArns }: GuardedSecretProps) {
    super(scope, id);
    this.secret = new secretsmanager.Secret(scope, 'Secret', secret);
    // By hand: the CDK would let the whole account use the key through Secrets Manager.
    (this.secret.node.defaultChild as secretsmanager.CfnSecret).kmsKeyId = key.keyArn;
    this.key = key;
    this.deny('OnlyTheseRolesRead', ['secretsmanager:GetSecretValue'], {
      ArnNotLike: { 'aws:PrincipalArn': Lazy.list({ produce: () => this.readerArns }) },
    });
    this.deny('OnlyDeployRolesChangeThisPolicy', ['secretsmanager:DeleteResourcePolicy', 'secretsmanager:PutResourcePolicy'], {
      ArnNotLike: { 'aws:PrincipalArn': [...deployRoleArns, `arn:${Aws.PARTITION}:iam::${Aws.ACCOUNT_ID}:root`] },
    });
  } // prettier-ignore

  /** Takes a role among those that can read it; it must be allowed to, too. Its ARN may hold `*`. */
  allowReader({ roleArn }: Pick<iam.IRole, 'roleArn'>): void {
    if (!this.readerArns.includes(roleArn)) this.readerArns.push(roleArn);
  }

  /** What a role must be allowed to read it. */
  readStatements(): iam.PolicyStatement[] {
    return [
      new iam.PolicyStatement({ actions: ['secretsmanager:GetSecretValue'], resources: [this.secret.secretArn] }),
      readSecretsStatement(this.key),
    ];
  }

  private deny(sid: string, actions: string[], conditions: Record<string, unknown>): void {
    this.secret.addToResourcePolicy(
      new iam.PolicyStatement({
        sid,
        effect: iam.Effect.DENY,
        principals: [new iam.AnyPrincipal()],
        actions,
        resources: ['*'],
        conditions,
      }),
    );
  }
}
