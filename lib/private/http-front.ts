import { Duration, Validations } from 'aws-cdk-lib';
import * as apigatewayv2 from 'aws-cdk-lib/aws-apigatewayv2';
import {
  HttpIamAuthorizer,
  HttpJwtAuthorizer,
  HttpLambdaAuthorizer,
  HttpLambdaResponseType,
} from 'aws-cdk-lib/aws-apigatewayv2-authorizers';
import { HttpLambdaIntegration } from 'aws-cdk-lib/aws-apigatewayv2-integrations';
import type * as logs from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import { AuthorizationKind, type Authorization } from '../authorization';
import type { CustomDomainProps } from '../custom-domain-props';
import { httpEdgeLogFormat } from './access-log';
import type { Front, FrontProps } from './front';
import { kebabStackName } from './names';

export interface HttpFrontProps extends FrontProps {
  /** Takes the access log. */
  readonly accessLogGroup: logs.ILogGroup;
}

/** Under the hard limit of HTTP APIs (30 s), and the same as on REST APIs. */
const INTEGRATION_TIMEOUT = Duration.seconds(29);

/** An HTTP API in which every method of every path is the proxy function's. */
export class HttpFront extends Construct implements Front {
  readonly httpApi: apigatewayv2.HttpApi;
  readonly url: string;
  readonly domainAliasTarget?: string;
  readonly domainAliasHostedZoneId?: string;

  constructor(scope: Construct, id: string, props: HttpFrontProps) {
    super(scope, id);
    this.httpApi = new apigatewayv2.HttpApi(this, 'Api', {
      apiName: kebabStackName(this),
      description: 'Access proxy: every request is recorded as an audit event',
      createDefaultStage: false,
      // Else a client without a certificate would take the other door.
      disableExecuteApiEndpoint: props.customDomain?.mutualTls !== undefined,
    });
    const integration = new HttpLambdaIntegration('Proxy', props.handler, {
      payloadFormatVersion: apigatewayv2.PayloadFormatVersion.VERSION_2_0,
      timeout: INTEGRATION_TIMEOUT,
    });
    const authorizer = httpAuthorizer(props.authorization);
    for (const path of ['/', '/{proxy+}']) {
      this.httpApi.addRoutes({ path, methods: [apigatewayv2.HttpMethod.ANY], integration, authorizer });
    }
    for (const path of props.openPaths) {
      const open = new apigatewayv2.HttpNoneAuthorizer();
      this.httpApi.addRoutes({ path, methods: [apigatewayv2.HttpMethod.GET], integration, authorizer: open });
    }
    const domainName = props.customDomain && this.domain(props.customDomain);
    const stage = new apigatewayv2.HttpStage(this, 'Stage', {
      httpApi: this.httpApi,
      stageName: props.stageName,
      stageVariables: { ...props.gatewaySecret.stageVariables },
      autoDeploy: true,
      throttle: props.throttling,
      ...(domainName !== undefined && { domainMapping: { domainName } }),
      detailedMetricsEnabled: true,
      accessLogSettings: {
        destination: new apigatewayv2.LogGroupLogDestination(props.accessLogGroup),
        format: httpEdgeLogFormat,
      },
    });
    props.gatewaySecret.isHandedBy(stage, [props.handler]);
    if (props.authorization.kind === AuthorizationKind.NONE || props.openPaths.length > 0) {
      Validations.of(this.httpApi).acknowledge({
        id: 'AwsSolutions-APIG4',
        reason: 'Everything is open by Authorization.none(), or the public keys of the assertions are',
      });
    }
    this.domainAliasTarget = domainName?.regionalDomainName;
    this.domainAliasHostedZoneId = domainName?.regionalHostedZoneId;
    this.url = props.customDomain === undefined ? `${stage.url}/` : `https://${props.customDomain.domainName}/`;
  }

  private domain({ domainName, certificate, mutualTls }: CustomDomainProps): apigatewayv2.DomainName {
    return new apigatewayv2.DomainName(this, 'Domain', {
      domainName,
      certificate,
      securityPolicy: apigatewayv2.SecurityPolicy.TLS_1_2,
      ...(mutualTls !== undefined && {
        mtls: { bucket: mutualTls.truststore, key: mutualTls.key, version: mutualTls.version },
      }),
    });
  }

  arnForInvoke(): string {
    return this.httpApi.arnForExecuteApi('*', '/*', '*');
  }
}

function httpAuthorizer({ kind, jwtProps, authorizer }: Authorization): apigatewayv2.IHttpRouteAuthorizer {
  if (jwtProps !== undefined) {
    return new HttpJwtAuthorizer('Authorizer', jwtProps.issuer, { jwtAudience: jwtProps.audience });
  }
  if (authorizer !== undefined) {
    return new HttpLambdaAuthorizer('Authorizer', authorizer, {
      responseTypes: [HttpLambdaResponseType.IAM],
      identitySource: [],
      resultsCacheTtl: Duration.seconds(0),
    });
  }
  return kind === AuthorizationKind.IAM ? new HttpIamAuthorizer() : new apigatewayv2.HttpNoneAuthorizer();
}
