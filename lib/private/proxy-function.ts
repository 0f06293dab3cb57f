import { Stack, Validations } from 'aws-cdk-lib';
import type * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import * as logs from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import type { AuditTrail } from '../audit-trail';
import type { ProxySettings } from '../routing/proxy-settings';
import { functionSettings } from './function-settings';
import { bufferedTimeout, capturesSome, streamingTimeout } from './function-timeout';
import { cedarLayers } from './policy';
import { roleNameForOtherStacks, roleNameWithinStack } from './role-name';
import { acknowledgePayloadPermission, acknowledgeRecordPermissions, payloadStatement } from './record-permissions';

export interface ProxyFunctionProps {
  readonly settings: ProxySettings;
  readonly trail: AuditTrail;
  readonly memorySize: number;
  readonly logRetention: logs.RetentionDays;
  /** Secrets whose own policies must name the role. */
  readonly secrets: readonly { allowReader(role: Pick<iam.IRole, 'roleArn'>): void }[];
  /** What it may read at its start. */
  readonly readStatements: readonly iam.PolicyStatement[];
  readonly vpc?: ec2.IVpc | undefined;
  readonly vpcSubnets?: ec2.SubnetSelection | undefined;
  readonly securityGroups?: ec2.ISecurityGroup[] | undefined;
}

/**
 * The proxy function, its log group and its role, which may do exactly what the function does; where a route streams, a second
 * function beside it that differs in nothing but the form of its answers and its time limit: API Gateway wants to be told
 * beforehand which form comes.
 */
export class ProxyFunction extends Construct {
  readonly handler: lambda.Function;
  /** Undefined where no route streams. */
  readonly streamingHandler: lambda.Function | undefined;
  /** Of both functions: what looks for events of the last resort, or counts them, looks in one place. */
  readonly logGroup: logs.LogGroup;
  /** Of both functions. */
  readonly role: iam.Role;

  constructor(scope: Construct, id: string, props: ProxyFunctionProps) {
    super(scope, id);
    this.logGroup = new logs.LogGroup(this, 'Log', {
      retention: props.logRetention,
      encryptionKey: props.trail.operationalKey,
    });
    const { environment, code, statements } = functionSettings(this, props.settings);
    this.role = this.newRole({ ...props, readStatements: [...props.readStatements, ...statements] });
    const common = {
      runtime: lambda.Runtime.NODEJS_24_X,
      architecture: lambda.Architecture.ARM_64,
      code,
      layers: cedarLayers(this, props.settings.policy),
      memorySize: props.memorySize,
      environment: { ...environment },
      role: this.role,
      logGroup: this.logGroup,
      vpc: props.vpc,
      vpcSubnets: props.vpcSubnets,
    };
    this.handler = new lambda.Function(this, 'Handler', {
      ...common,
      description: 'Forwards requests to internal services and records each as an audit event',
      handler: 'index.handler',
      timeout: bufferedTimeout(props.settings),
      securityGroups: props.securityGroups,
    });
    if (!props.settings.routes.some(({ streaming }) => streaming)) return;
    this.streamingHandler = new lambda.Function(this, 'StreamingHandler', {
      ...common,
      description: 'The same for routes whose answers are streamed',
      handler: 'index.streamingHandler',
      timeout: streamingTimeout(props.settings),
      // Also those that the first function got of its own: who lets it in lets both in.
      securityGroups: props.vpc && this.handler.connections.securityGroups,
    });
  }

  private newRole({ trail, vpc, readStatements, secrets, settings }: ProxyFunctionProps): iam.Role {
    const storesBodies = capturesSome(settings);
    // The trail's key names the role, and the role the key: neither could be there first by reference. Nor could, across
    // stacks, bucket and role.
    const isOfTrailsStack = Stack.of(trail) === Stack.of(this);
    const { roleName, roleArn } = isOfTrailsStack ? roleNameWithinStack(this) : roleNameForOtherStacks(this);
    // Policies that lie in the role are there before whatever uses it.
    const role = new iam.Role(this, 'Role', {
      roleName,
      description: 'Proxy function: puts audit events into the delivery streams, or directly into the bucket',
      assumedBy: new iam.ServicePrincipal('lambda.amazonaws.com'),
      inlinePolicies: {
        Record: new iam.PolicyDocument({ statements: trail._recordStatements() }),
        Log: new iam.PolicyDocument({
          statements: [
            new iam.PolicyStatement({
              actions: ['logs:CreateLogStream', 'logs:PutLogEvents'],
              resources: [this.logGroup.logGroupArn],
            }),
          ],
        }),
        ...(storesBodies ? { Payloads: new iam.PolicyDocument({ statements: [payloadStatement(trail)] }) } : {}),
        ...(readStatements.length === 0 ? {} : { Read: new iam.PolicyDocument({ statements: [...readStatements] }) }),
        ...(vpc === undefined ? {} : { NetworkInterfaces: networkInterfacePolicy() }),
      },
    });
    const writer = isOfTrailsStack ? role : { roleArn };
    trail._allowFallbackWriter(writer);
    trail._allowKeyWriter({ roleArn });
    for (const secret of secrets) secret.allowReader(writer);
    acknowledgeRecordPermissions(role, trail);
    if (storesBodies) {
      trail._allowPayloadWriter(writer);
      acknowledgePayloadPermission(role, trail.bucket);
    }
    if (vpc !== undefined) {
      Validations.of(role).acknowledge({
        id: 'AwsSolutions-IAM5[Resource::*]',
        reason:
          'Lambda makes network interfaces in the VPC with this role; these EC2 actions cannot be narrowed to resources that do not exist yet',
      });
    }
    return role;
  }
}

/** @see https://docs.aws.amazon.com/lambda/latest/dg/configuration-vpc.html#configuration-vpc-permissions */
function networkInterfacePolicy(): iam.PolicyDocument {
  return new iam.PolicyDocument({
    statements: [
      new iam.PolicyStatement({
        actions: [
          'ec2:AssignPrivateIpAddresses',
          'ec2:CreateNetworkInterface',
          'ec2:DeleteNetworkInterface',
          'ec2:DescribeNetworkInterfaces',
          'ec2:DescribeSubnets',
          'ec2:UnassignPrivateIpAddresses',
        ],
        resources: ['*'],
      }),
    ],
  });
}
