import { RemovalPolicy, Validations } from 'aws-cdk-lib';
import type * as iam from 'aws-cdk-lib/aws-iam';
import type * as kms from 'aws-cdk-lib/aws-kms';
import type * as secretsmanager from 'aws-cdk-lib/aws-secretsmanager';
import { Construct } from 'constructs';
import { GuardedSecret } from './guarded-secret';

export interface PseudonymKeyProps {
  /** Encrypts it. */
  readonly key: kms.IKey;
  /** Who may change its resource policy; ARNs, `*` allowed. */
  readonly deployRoleArns: readonly string[];
}

/** 64 letters and digits: 380 bits. */
const KEY_LENGTH = 64;

/**
 * The key of a trail's pseudonyms, in Secrets Manager. It is neither rotated nor deleted with the stack: under another key the
 * same value would have another pseudonym, and those in the log could be searched for no more.
 */
export class PseudonymKey extends Construct {
  readonly secret: secretsmanager.Secret;
  private readonly guarded: GuardedSecret;

  constructor(scope: Construct, id: string, { key, deployRoleArns }: PseudonymKeyProps) {
    super(scope, id);
    this.guarded = new GuardedSecret(this, 'Guard', {
      key,
      deployRoleArns,
      secret: {
        description: 'Audit trail: key of the pseudonyms in its events',
        generateSecretString: { passwordLength: KEY_LENGTH, excludePunctuation: true },
        removalPolicy: RemovalPolicy.RETAIN,
      },
    });
    this.secret = this.guarded.secret;
    Validations.of(this.secret).acknowledge({
      id: 'AwsSolutions-SMG4',
      reason: 'Under another key the same value would have another pseudonym, and could be searched for no more',
    });
  }

  /** Takes a role among those that can read it. */
  allowReader(role: Pick<iam.IRole, 'roleArn'>): void {
    this.guarded.allowReader(role);
  }

  /** What a role must be allowed to read it. */
  readStatements(): iam.PolicyStatement[] {
    return this.guarded.readStatements();
  }
}
