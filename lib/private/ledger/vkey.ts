import { CustomResource, Duration } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import type * as kms from 'aws-cdk-lib/aws-kms';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import * as logs from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import { VKEY_ATTRIBUTE, type VkeyProperties } from '../../ledger/vkey-resource';
import { bundlePath } from '../bundle';

const TIMEOUT = Duration.minutes(2);

/**
 * Knows the public half of the signing key as text, at deployment: CloudFormation has no attribute for it, so a function
 * of ours asks KMS. That is all it may do; a role of its own, since the sealer's could sign.
 */
export class Vkey extends Construct {
  readonly role: iam.Role;
  private readonly logGroup: logs.LogGroup;

  /** @param logKey encrypts its log */
  constructor(scope: Construct, id: string, logKey: kms.IKey | undefined) {
    super(scope, id);
    this.logGroup = new logs.LogGroup(this, 'Log', { retention: logs.RetentionDays.ONE_YEAR, encryptionKey: logKey });
    this.role = new iam.Role(this, 'Role', {
      description: 'Tells the public key of the audit ledger, which the policy of that key allows it to read',
      assumedBy: new iam.ServicePrincipal('lambda.amazonaws.com'),
      inlinePolicies: {
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

  /** The key as text, under a name. */
  of(key: kms.IKey, origin: string): string {
    const handler = new lambda.Function(this, 'Handler', {
      description: 'Tells CloudFormation the public key of the audit ledger',
      runtime: lambda.Runtime.NODEJS_24_X,
      architecture: lambda.Architecture.ARM_64,
      code: lambda.Code.fromAsset(bundlePath('vkey')),
      handler: 'index.handler',
      timeout: TIMEOUT,
      role: this.role,
      logGroup: this.logGroup,
    });
    const properties: VkeyProperties = { keyId: key.keyArn, origin };
    const resource = new CustomResource(this, 'Resource', {
      resourceType: 'Custom::AuditLedgerVkey',
      serviceToken: handler.functionArn,
      // Else CloudFormation would wait for an hour if the function could not answer.
      serviceTimeout: TIMEOUT.plus(Duration.minutes(1)),
      properties: { ...properties },
    });
    return resource.getAttString(VKEY_ATTRIBUTE);
  }
}
