import { Duration, Validations } from 'aws-cdk-lib';
import type * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as iam from 'aws-cdk-lib/aws-iam';
import type * as firehose from 'aws-cdk-lib/aws-kinesisfirehose';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import * as logs from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import type { ProxySettings } from '../routing/proxy-settings';
import { bundlePath } from './bundle';
import { settingsEnvironment } from './function-settings';

export interface ProxyFunctionProps {
  readonly settings: ProxySettings;
  readonly deliveryStreams: readonly firehose.IDeliveryStream[];
  readonly memorySize: number;
  readonly logRetention: logs.RetentionDays;
  readonly vpc?: ec2.IVpc | undefined;
  readonly vpcSubnets?: ec2.SubnetSelection | undefined;
  readonly securityGroups?: ec2.ISecurityGroup[] | undefined;
}

/** Time for the event of a request after the service has used up its own. */
const AFTER_ROUTE_TIMEOUT = Duration.seconds(5);

/** The proxy function, its log group and its role, which may do exactly what the function does. */
export class ProxyFunction extends Construct {
  readonly handler: lambda.Function;
  readonly logGroup: logs.LogGroup;

  constructor(scope: Construct, id: string, props: ProxyFunctionProps) {
    super(scope, id);
    this.logGroup = new logs.LogGroup(this, 'Log', { retention: props.logRetention });
    this.handler = new lambda.Function(this, 'Handler', {
      description: 'Forwards requests to internal services and records each as an audit event',
      runtime: lambda.Runtime.NODEJS_24_X,
      architecture: lambda.Architecture.ARM_64,
      code: lambda.Code.fromAsset(bundlePath('proxy')),
      handler: 'index.handler',
      memorySize: props.memorySize,
      timeout: functionTimeout(props.settings),
      environment: settingsEnvironment(this, props.settings),
      role: this.role(props),
      logGroup: this.logGroup,
      vpc: props.vpc,
      vpcSubnets: props.vpcSubnets,
      securityGroups: props.securityGroups,
    });
  }

  private role({ deliveryStreams, vpc }: ProxyFunctionProps): iam.Role {
    // Policies that lie in the role are there before whatever uses it.
    const role = new iam.Role(this, 'Role', {
      description: 'Proxy function: puts audit events into the delivery streams',
      assumedBy: new iam.ServicePrincipal('lambda.amazonaws.com'),
      inlinePolicies: {
        Record: new iam.PolicyDocument({
          statements: [
            new iam.PolicyStatement({
              actions: ['firehose:PutRecord', 'firehose:PutRecordBatch'],
              resources: deliveryStreams.map(({ deliveryStreamArn }) => deliveryStreamArn),
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
        ...(vpc === undefined ? {} : { NetworkInterfaces: networkInterfacePolicy() }),
      },
    });
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

/** Above the longest route timeout, so that no request ends without its event. */
function functionTimeout({ routes }: ProxySettings): Duration {
  const longest = Math.max(...routes.map(({ timeoutMs }) => timeoutMs));
  return Duration.seconds(Math.ceil(longest / 1000) + AFTER_ROUTE_TIMEOUT.toSeconds());
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
