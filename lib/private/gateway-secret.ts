import { CustomResource, Duration, SecretValue, Validations } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import type * as kms from 'aws-cdk-lib/aws-kms';
import * as logs from 'aws-cdk-lib/aws-logs';
import type * as secretsmanager from 'aws-cdk-lib/aws-secretsmanager';
import { Construct } from 'constructs';
import { GATEWAY_SECRET_VARIABLE } from '../routing/gateway-secret';
import {
  ACCEPTED_VERSIONS,
  hashAttribute,
  versionLabel,
  type GatewaySecretProperties,
} from '../routing/gateway-secret-resource';
import { bundlePath } from './bundle';
import { GuardedSecret } from './guarded-secret';
import { writeSecretsStatement } from './operational-key';

export interface GatewaySecretProps {
  /** Number of the version that the stage hands the function. */
  readonly version: number;
  readonly logRetention: logs.RetentionDays;
  /** Encrypts the secret and the log. */
  readonly key: kms.IKey;
  /** Who may read the secret, to put it into the stage, and change its resource policy; ARNs, `*` allowed. */
  readonly deployRoleArns: readonly string[];
}

const TIMEOUT = Duration.minutes(2);

/**
 * The secret by which the proxy function knows what comes from the API's stage. It lies in Secrets Manager, made there by a
 * function of ours; CloudFormation puts it into the stage at deployment (a dynamic reference, so that no template holds it),
 * and the proxy function gets only SHA-256 hashes.
 */
export class GatewaySecret extends Construct {
  /** Those that the proxy function takes. */
  readonly hashes: readonly string[];
  /** For the stage. */
  readonly stageVariables: Readonly<Record<string, string>>;
  readonly secret: secretsmanager.Secret;
  /** Makes it. */
  readonly handler: lambda.Function;
  readonly role: iam.Role;
  readonly logGroup: logs.LogGroup;
  private readonly resource: CustomResource;

  constructor(scope: Construct, id: string, props: GatewaySecretProps) {
    super(scope, id);
    const { version, logRetention, key, deployRoleArns } = props;
    const guarded = new GuardedSecret(this, 'Guard', {
      key,
      deployRoleArns,
      secret: {
        description: 'Access proxy: by it the function knows requests of its API. The versions labeled gateway-N count',
      },
    });
    this.secret = guarded.secret;
    Validations.of(this.secret).acknowledge({
      id: 'AwsSolutions-SMG4',
      reason:
        'It changes by the prop gatewaySecretVersion: stage and function must change with it, which only a deployment does',
    });
    this.logGroup = new logs.LogGroup(this, 'Log', { retention: logRetention, encryptionKey: key });
    this.role = this.makersRole(key);
    // CloudFormation resolves the reference in the stage with a deploy role.
    for (const roleArn of [this.role.roleArn, ...deployRoleArns]) guarded.allowReader({ roleArn });
    this.handler = this.maker();
    const properties: GatewaySecretProperties = { secretId: this.secret.secretArn, version };
    this.resource = new CustomResource(this, 'Resource', {
      resourceType: 'Custom::AuditProxyGatewaySecret',
      serviceToken: this.handler.functionArn,
      // Else CloudFormation would wait for an hour if the function could not answer.
      serviceTimeout: TIMEOUT.plus(Duration.minutes(1)),
      properties: { ...properties },
    });
    this.hashes = ACCEPTED_VERSIONS.map((offset) => this.resource.getAttString(hashAttribute(offset)));
    const value = SecretValue.secretsManager(this.secret.secretArn, { versionStage: versionLabel(version) });
    this.stageVariables = { [GATEWAY_SECRET_VARIABLE]: value.unsafeUnwrap() };
  }

  /**
   * Orders the changes of a deployment: the secret is there before the stage gets it, and each function knows it by then.
   *
   * @param functions that the stage invokes
   */
  isHandedBy(stage: Construct, functions: readonly (lambda.IFunction | undefined)[]): void {
    stage.node.addDependency(this.resource, ...functions.flatMap((one) => one?.node.defaultChild ?? []));
  }

  private makersRole(key: kms.IKey): iam.Role {
    return new iam.Role(this, 'Role', {
      description: 'Makes the secret by which the proxy function knows its API: reads and writes that one secret',
      assumedBy: new iam.ServicePrincipal('lambda.amazonaws.com'),
      inlinePolicies: {
        Make: new iam.PolicyDocument({
          statements: [
            new iam.PolicyStatement({
              actions: ['secretsmanager:GetSecretValue', 'secretsmanager:PutSecretValue'],
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

  private maker(): lambda.Function {
    return new lambda.Function(this, 'Handler', {
      description: 'Makes the secret by which the proxy function knows its API, and tells CloudFormation its hash',
      runtime: lambda.Runtime.NODEJS_24_X,
      architecture: lambda.Architecture.ARM_64,
      code: lambda.Code.fromAsset(bundlePath('gateway-secret')),
      handler: 'index.handler',
      timeout: TIMEOUT,
      role: this.role,
      logGroup: this.logGroup,
    });
  }
}
