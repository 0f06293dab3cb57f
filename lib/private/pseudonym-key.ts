import { RemovalPolicy, Validations } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as secretsmanager from 'aws-cdk-lib/aws-secretsmanager';
import { Construct } from 'constructs';

/** 64 letters and digits: 380 bits. */
const KEY_LENGTH = 64;

/**
 * The key of a trail's pseudonyms, in Secrets Manager. It is neither rotated nor deleted with the stack: under another key the
 * same value would have another pseudonym, and those in the log could be searched for no more.
 */
export class PseudonymKey extends Construct {
  readonly secret: secretsmanager.Secret;

  constructor(scope: Construct, id: string) {
    super(scope, id);
    this.secret = new secretsmanager.Secret(this, 'Secret', {
      description: 'Audit trail: key of the pseudonyms in its events',
      generateSecretString: { passwordLength: KEY_LENGTH, excludePunctuation: true },
      removalPolicy: RemovalPolicy.RETAIN,
    });
    Validations.of(this.secret).acknowledge({
      id: 'AwsSolutions-SMG4',
      reason: 'Under another key the same value would have another pseudonym, and could be searched for no more',
    });
  }

  /** What a proxy function needs. */
  readStatement(): iam.PolicyStatement {
    return new iam.PolicyStatement({ actions: ['secretsmanager:GetSecretValue'], resources: [this.secret.secretArn] });
  }
}
