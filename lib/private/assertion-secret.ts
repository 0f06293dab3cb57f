import { Duration } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import * as logs from 'aws-cdk-lib/aws-logs';
import type * as kms from 'aws-cdk-lib/aws-kms';
import type * as secretsmanager from 'aws-cdk-lib/aws-secretsmanager';
import { Construct } from 'constructs';
import { bundlePath } from './bundle';
import { GuardedSecret } from './guarded-secret';
import { writeSecretsStatement } from './operational-key';

export interface AssertionSecretProps {
  /** How long a key signs. */
  readonly rotation: Duration;
  readonly logRetention: logs.RetentionDays;
  /** Encrypts the keys and the log. */
  readonly key: kms.IKey;
  /** Who may change the resource policy of the secret; ARNs, `*` allowed. */
  readonly deployRoleArns: readonly string[];
}

/**
 * The keys that sign assertions, in Secrets Manager, made and rotated by a function of ours. The first rotation begins
 * with the deployment: until it is done (seconds), the proxy answers 503, since it can vouch for nobody.
 */
export class AssertionSecret extends Construct {
  readonly secret: secretsmanager.Secret;
  /** Makes and rotates the keys. */
  readonly handler: lambda.Function;
  readonly role: iam.Role;
  readonly logGroup: logs.LogGroup;
  private readonly guarded: GuardedSecret;

  constructor(scope: Construct, id: string, props: AssertionSecretProps) {
    super(scope, id);
    const { rotation, logRetention, key, deployRoleArns } = props;
    this.guarded = new GuardedSecret(this, 'Guard', {
      key,
      deployRoleArns,
      secret: { description: 'Access proxy: keys that sign who called, for the services behind it' },
    });
    this.secret = this.guarded.secret;
    this.logGroup = new logs.LogGroup(this, 'Log', { retention: logRetention, encryptionKey: key });
    this.role = this.rotationRole(key);
    this.allowReader(this.role);
    this.handler = new lambda.Function(this, 'Handler', {
      description: 'Makes and rotates the keys that sign who called',
      runtime: lambda.Runtime.NODEJS_24_X,
      architecture: lambda.Architecture.ARM_64,
      code: lambda.Code.fromAsset(bundlePath('key-rotation')),
      handler: 'index.handler',
      timeout: Duration.seconds(30),
      // What the CDK would add lets it read random passwords from anywhere.
      role: this.role.withoutPolicyUpdates(),
      logGroup: this.logGroup,
    });
    this.secret.addRotationSchedule('Rotation', { automaticallyAfter: rotation, rotationLambda: this.handler });
  }

  /** Takes a role among those that can read the keys. */
  allowReader(role: Pick<iam.IRole, 'roleArn'>): void {
    this.guarded.allowReader(role);
  }

  /** What the proxy function needs. */
  readStatements(): iam.PolicyStatement[] {
    return this.guarded.readStatements();
  }

  /** @see https://docs.aws.amazon.com/secretsmanager/latest/userguide/rotating-secrets-required-permissions-function.html */
  private rotationRole(key: kms.IKey): iam.Role {
    return new iam.Role(this, 'Role', {
      description: 'Rotates the keys that sign who called: reads and writes that one secret',
      assumedBy: new iam.ServicePrincipal('lambda.amazonaws.com'),
      inlinePolicies: {
        Rotate: new iam.PolicyDocument({
          statements: [
            new iam.PolicyStatement({
              actions: [
                'secretsmanager:DescribeSecret',
                'secretsmanager:GetSecretValue',
                'secretsmanager:PutSecretValue',
                'secretsmanager:UpdateSecretVersionStage',
              ],
              resources: [this.secret.secretArn],
            }),
            writeSecretsStatement(key),
          ],
        }),
        Log: new iam.PolicyDocument({
          statements: [
            new iam.PolicyStatement({
              actions: ['logs:CreateLogStream', 'logs:PutLogEvents'],
              resources: [this.logGroup.logGroupArn],
            }),
          ],
        }),
      },
    });
  }
}
