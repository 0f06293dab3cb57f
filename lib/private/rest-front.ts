import { Duration, RemovalPolicy, Validations } from 'aws-cdk-lib';
import * as apigateway from 'aws-cdk-lib/aws-apigateway';
import type * as ec2 from 'aws-cdk-lib/aws-ec2';
import type * as firehose from 'aws-cdk-lib/aws-kinesisfirehose';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import type * as kms from 'aws-cdk-lib/aws-kms';
import * as logs from 'aws-cdk-lib/aws-logs';
import * as wafv2 from 'aws-cdk-lib/aws-wafv2';
import { Construct } from 'constructs';
import { AuthorizationKind, type Authorization } from '../authorization';
import type { CustomDomainProps } from '../custom-domain-props';
import { gatewayResourceOf, type GatewayResource } from '../routing/gateway-resources';
import type { WebAcl } from '../web-acl';
import { restEdgeLogFormat } from './access-log';
import type { Front, FrontProps } from './front';
import { managedWebAcl } from './managed-web-acl';
import { kebabStackName } from './names';
import { privateApiPolicy } from './private-api-policy';
import { bufferedIntegration, streamingIntegration } from './rest-integration';

export interface RestFrontProps extends FrontProps {
  /** Answers the paths that stream; undefined where none does. */
  readonly streamingHandler: lambda.IFunction | undefined;
  /** By `gatewayResources`. */
  readonly paths: readonly GatewayResource[];
  /** Takes the access log. A stage has one destination for it, so there is no log group beside it. */
  readonly edgeStream: firehose.DeliveryStream;
  readonly logRetention: logs.RetentionDays;
  /** Encrypts the execution log. */
  readonly logKey: kms.IKey;
  /** Whether to set the role of the account with which API Gateway writes execution logs. */
  readonly cloudWatchRole: boolean;
  readonly webAcl: WebAcl | undefined;
  /** Through which alone a private API can be called; undefined of a public one. */
  readonly vpcEndpoints: ec2.IVpcEndpoint[] | undefined;
}

/** A regional REST API in which every method of every path is one of the proxy functions'. */
export class RestFront extends Construct implements Front {
  readonly restApi: apigateway.RestApi;
  readonly url: string;
  readonly domainAliasTarget?: string;
  readonly domainAliasHostedZoneId?: string;

  constructor(scope: Construct, id: string, props: RestFrontProps) {
    super(scope, id);
    const authorizer = this.authorizer(props.authorization);
    this.restApi = new apigateway.RestApi(this, 'Api', {
      restApiName: kebabStackName(this),
      description: 'Access proxy: every request is recorded as an audit event',
      ...endpoints(props),
      // Else a client without a certificate would take the other door.
      disableExecuteApiEndpoint: props.customDomain?.mutualTls !== undefined,
      // Everything is binary to the proxy: bodies pass byte for byte.
      binaryMediaTypes: ['*/*'],
      defaultMethodOptions: { authorizationType: authorizationType(props.authorization), authorizer },
      cloudWatchRole: props.cloudWatchRole,
      ...(props.cloudWatchRole ? { cloudWatchRoleRemovalPolicy: RemovalPolicy.RETAIN } : {}),
      deployOptions: {
        stageName: props.stageName,
        variables: { ...props.gatewaySecret.stageVariables },
        accessLogDestination: new apigateway.FirehoseLogDestination(
          props.edgeStream.node.defaultChild as firehose.CfnDeliveryStream,
        ),
        accessLogFormat: restEdgeLogFormat,
        throttlingRateLimit: props.throttling.rateLimit,
        throttlingBurstLimit: props.throttling.burstLimit,
        loggingLevel: apigateway.MethodLoggingLevel.ERROR,
        // Execution logs must not hold bodies and headers.
        dataTraceEnabled: false,
        metricsEnabled: true,
      },
    });
    // The L2 makes an output of its own; outputs are the stack's affair.
    this.restApi.node.tryRemoveChild('Endpoint');
    const methods = this.methods(props);
    props.gatewaySecret.isHandedBy(this.restApi.deploymentStage, [props.handler, props.streamingHandler]);
    this.allow('Permission', props.handler, props.stageName);
    if (props.streamingHandler) this.allow('StreamingPermission', props.streamingHandler, props.stageName);
    this.refuseOldTls();
    this.keepExecutionLog(props);
    this.acknowledge(props, methods);
    if (props.webAcl !== undefined) this.protect(props.webAcl);
    const domain = props.customDomain && this.domain(props.customDomain);
    this.domainAliasTarget = domain?.domainNameAliasDomainName;
    this.domainAliasHostedZoneId = domain?.domainNameAliasHostedZoneId;
    this.url = props.customDomain === undefined ? this.restApi.url : `https://${props.customDomain.domainName}/`;
  }

  arnForInvoke(): string {
    return this.restApi.arnForExecuteApi('*', '/*', this.restApi.deploymentStage.stageName);
  }

  /** Every method of every path; and what everybody may GET. */
  private methods({ handler, streamingHandler, paths, openPaths }: RestFrontProps): apigateway.Method[] {
    const buffered = bufferedIntegration(handler);
    const streaming = streamingHandler && streamingIntegration(streamingHandler);
    const integrationOf = (resource: GatewayResource | undefined) => (resource?.streaming && streaming) || buffered;

    const methods = paths.flatMap((one) => {
      const resource = this.restApi.root.resourceForPath(one.path);
      const onItself = resource.addMethod('ANY', integrationOf(one));
      // A proxy resource does not take its own parent.
      const below = resource.addProxy({ anyMethod: false }).addMethod('ANY', integrationOf(one));
      return [onItself, below];
    });
    for (const path of openPaths) {
      const resource = this.restApi.root.resourceForPath(path);
      // As locally, and as if it had no resource of its own.
      const integration = integrationOf(gatewayResourceOf(paths, path));
      this.acknowledgeOpen(
        resource.addMethod('GET', integration, { authorizationType: apigateway.AuthorizationType.NONE }),
      );
    }
    return methods;
  }

  /** One permission for all methods, and before the stage calls the function: else its first callers would get 500. */
  private allow(id: string, handler: lambda.IFunction, stageName: string): void {
    const permission = new lambda.CfnPermission(this, id, {
      action: 'lambda:InvokeFunction',
      functionName: handler.functionArn,
      principal: 'apigateway.amazonaws.com',
      sourceArn: this.restApi.arnForExecuteApi('*', '/*', stageName),
    });
    this.restApi.deploymentStage.node.addDependency(permission);
  }

  private protect({ webAclArn, managedProps }: WebAcl): void {
    new wafv2.CfnWebACLAssociation(this, 'WebAclAssociation', {
      resourceArn: this.restApi.deploymentStage.stageArn,
      webAclArn: webAclArn ?? managedWebAcl(this, 'WebAcl', managedProps ?? {}),
    });
  }

  private domain({ domainName, certificate, mutualTls }: CustomDomainProps): apigateway.DomainName {
    return new apigateway.DomainName(this, 'Domain', {
      domainName,
      certificate,
      endpointType: apigateway.EndpointType.REGIONAL,
      securityPolicy: apigateway.SecurityPolicy.TLS_1_2,
      mapping: this.restApi,
      ...(mutualTls !== undefined && {
        mtls: { bucket: mutualTls.truststore, key: mutualTls.key, version: mutualTls.version },
      }),
    });
  }

  private authorizer(authorization: Authorization): apigateway.IAuthorizer | undefined {
    if (authorization.userPools !== undefined) {
      return new apigateway.CognitoUserPoolsAuthorizer(this, 'Authorizer', {
        cognitoUserPools: authorization.userPools,
      });
    }
    if (authorization.authorizer !== undefined) {
      return new apigateway.RequestAuthorizer(this, 'Authorizer', {
        handler: authorization.authorizer as lambda.IFunction,
        identitySources: [],
        resultsCacheTtl: Duration.seconds(0),
      });
    }
    return undefined;
  }

  /** A regional API takes TLS 1.0 unless told. */
  private refuseOldTls(): void {
    const api = this.restApi.node.defaultChild as apigateway.CfnRestApi;
    api.securityPolicy = apigateway.SecurityPolicy.TLS13_1_2_PFS_PQ_2025_09;
    api.endpointAccessMode = apigateway.EndpointAccessMode.BASIC;
  }

  /** API Gateway would make the group itself at the first error, and keep it for ever. */
  private keepExecutionLog({ stageName, logRetention, logKey }: RestFrontProps): void {
    const group = new logs.LogGroup(this, 'ExecutionLog', {
      logGroupName: `API-Gateway-Execution-Logs_${this.restApi.restApiId}/${stageName}`,
      retention: logRetention,
      encryptionKey: logKey,
      removalPolicy: RemovalPolicy.DESTROY,
    });
    this.restApi.deploymentStage.node.addDependency(group);
  }

  private acknowledgeOpen(method: apigateway.Method): void {
    const reason = 'The public keys of the assertions are for everybody';
    for (const id of ['AwsSolutions-APIG4', 'AwsSolutions-COG4']) Validations.of(method).acknowledge({ id, reason });
  }

  private acknowledge({ authorization, cloudWatchRole }: RestFrontProps, methods: readonly apigateway.Method[]): void {
    Validations.of(this.restApi).acknowledge({
      id: 'AwsSolutions-APIG2',
      reason: 'Services behind the proxy check their own requests; the proxy forwards and records whatever comes',
    });
    Validations.of(this.restApi.deploymentStage).acknowledge({
      id: 'AwsSolutions-APIG3',
      reason: 'The prop webAcl decides: who operates the API knows the rules of a web ACL and its price',
    });
    for (const method of methods) {
      if (authorization.kind !== AuthorizationKind.COGNITO) {
        const reason = `The prop authorization chooses ${authorization.kind}`;
        Validations.of(method).acknowledge({ id: 'AwsSolutions-COG4', reason });
      }
      if (authorization.kind === AuthorizationKind.NONE) {
        const reason = 'The prop authorization says Authorization.none()';
        Validations.of(method).acknowledge({ id: 'AwsSolutions-APIG4', reason });
      }
    }
    if (cloudWatchRole) {
      Validations.of(this.restApi.node.findChild('CloudWatchRole')).acknowledge({
        id: 'AwsSolutions-IAM4[Policy::arn:<AWS::Partition>:iam::aws:policy/service-role/AmazonAPIGatewayPushToCloudWatchLogs]',
        reason: 'API Gateway refuses an account role that has less than this managed policy',
      });
    }
  }
}

function endpoints({ vpcEndpoints, authorization }: RestFrontProps) {
  if (vpcEndpoints === undefined) return { endpointTypes: [apigateway.EndpointType.REGIONAL] };
  return {
    endpointConfiguration: { types: [apigateway.EndpointType.PRIVATE], vpcEndpoints },
    policy: privateApiPolicy(vpcEndpoints, authorization.kind),
  };
}

function authorizationType({ kind }: Authorization): apigateway.AuthorizationType {
  switch (kind) {
    case AuthorizationKind.IAM:
      return apigateway.AuthorizationType.IAM;
    case AuthorizationKind.COGNITO:
      return apigateway.AuthorizationType.COGNITO;
    case AuthorizationKind.LAMBDA:
      return apigateway.AuthorizationType.CUSTOM;
    default:
      return apigateway.AuthorizationType.NONE;
  }
}
