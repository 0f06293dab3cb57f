import { Duration } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import * as logs from 'aws-cdk-lib/aws-logs';
import * as secretsmanager from 'aws-cdk-lib/aws-secretsmanager';
import { Construct } from 'constructs';
import { bundlePath } from './bundle';

export interface AssertionSecretProps {
  /** How long a key signs. */
  readonly rotation: Duration;
  readonly logRetention: logs.RetentionDays;
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

  constructor(scope: Construct, id: string, { rotation, logRetention }: AssertionSecretProps) {
    super(scope, id);
    this.secret = new secretsmanager.Secret(this, 'Secret', {
      description: 'Access proxy: keys that sign who called, for the services behind it',
    });
    this.logGroup = new logs.LogGroup(this, 'Log', { retention: logRetention });
    this.role = this.rotationRole();
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

  /** What the proxy function needs. */
  readStatement(): iam.PolicyStatement {
    return new iam.PolicyStatement({ actions: ['secretsmanager:GetSecretValue'], resources: [this.secret.secretArn] });
  }

  /** @see https://docs.aws.amazon.com/secretsmanager/latest/userguide/rotating-secrets-required-permissions-function.html */
  private rotationRole(): iam.Role {
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
