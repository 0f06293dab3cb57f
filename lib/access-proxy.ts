import type { Duration, Size } from 'aws-cdk-lib';
import type * as apigateway from 'aws-cdk-lib/aws-apigateway';
import type * as apigatewayv2 from 'aws-cdk-lib/aws-apigatewayv2';
import type * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as iam from 'aws-cdk-lib/aws-iam';
import type * as lambda from 'aws-cdk-lib/aws-lambda';
import * as logs from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import type { AssertionProps } from './assertion-props';
import type { AuditTrail } from './audit-trail';
import { Authorization } from './authorization';
import type { CustomDomainProps } from './custom-domain-props';
import type { IdentityProps } from './identity-props';
import { accessProblems } from './private/access-problems';
import { AssertionSecret } from './private/assertion-secret';
import { edgeProblems } from './private/edge-problems';
import { EdgeLogSubscription } from './private/edge-log-subscription';
import type { Front, FrontProps } from './private/front';
import { GatewaySecret } from './private/gateway-secret';
import type { GuardedProxy } from './private/guarded-proxy';
import { HttpFront } from './private/http-front';
import { policySettings } from './private/policy';
import { ProxyFunction } from './private/proxy-function';
import { resolveAssertion } from './private/resolve-assertion';
import { RestFront } from './private/rest-front';
import { certificateStatements } from './private/connection';
import { resolveRoutes } from './private/routes';
import { streamingProblems } from './private/streaming-problems';
import { recordingProblems, resolveRecordingProps } from './private/recording-props';
import { refuse } from './private/validation';
import type { PolicyProps } from './policy-props';
import type { RouteProps } from './route-props';
import { JWKS_PATH } from './routing/assertion';
import { gatewayResources } from './routing/gateway-resources';
import { needsPseudonyms } from './routing/record';
import { DEFAULT_MAX_BODY_BYTES } from './routing/proxy-settings';
import type { WebAcl } from './web-acl';

/** Kinds of API in front of the proxy function. */
export enum ApiType {
  /** A regional REST API: request ids that no caller can choose, WAF, resource policies, Cognito. */
  REST = 'REST',
  /** An HTTP API: cheaper and faster; JWT authorization. */
  HTTP = 'HTTP',
}

/** How many requests are let in, over all callers; what exceeds is answered with 429. */
export interface ThrottlingProps {
  /**
   * Requests per second, steady.
   *
   * @default 1000
   */
  readonly rateLimit?: number;

  /**
   * Requests that may come at once.
   *
   * @default 2000
   */
  readonly burstLimit?: number;
}

/** What can be chosen about an access proxy. */
export interface AccessProxyOptions {
  /** Which path goes to which service; at least one. The longest matching prefix wins, what matches none gets 404. */
  readonly routes: RouteProps[];

  /**
   * Kind of API.
   *
   * @default ApiType.REST
   */
  readonly apiType?: ApiType;

  /**
   * Who may call.
   *
   * @default Authorization.iam() - requests signed by principals that may `execute-api:Invoke`
   */
  readonly authorization?: Authorization;

  /**
   * How many requests are let in.
   *
   * @default - 1000 requests per second, bursts of 2000
   */
  readonly throttling?: ThrottlingProps;

  /**
   * Version of the secret by which the function knows requests of its API; a whole number from 1. To replace the secret, raise the
   * version by one and deploy. The function goes on taking the version before, so that no request is refused meanwhile: deploy
   * twice to get rid of a secret that somebody else knows.
   *
   * @default 1
   */
  readonly gatewaySecretVersion?: number;

  /**
   * Largest request body that is forwarded; a larger one is answered with 413. At most 4 MiB, since a function takes 6 MB
   * and bodies travel as base64.
   *
   * @default Size.mebibytes(4)
   */
  readonly maxBodySize?: Size;

  /**
   * How long the delivery streams have to take an event before it goes to the locked bucket as well; whatever acknowledges
   * it first counts. From 10 milliseconds to `recordingLimit`.
   *
   * @default - 250 milliseconds, or half of `recordingLimit` where that is shorter
   */
  readonly hedgeDelay?: Duration;

  /**
   * Longest time that recording an event may hold a request, over all streams and the bucket. What nothing took by then
   * goes to the function's log. From 100 milliseconds to 10 seconds.
   *
   * @default Duration.seconds(2)
   */
  readonly recordingLimit?: Duration;

  /**
   * How it is told who somebody is.
   *
   * @default - by the claims of OpenID Connect and Amazon Cognito
   */
  readonly identity?: IdentityProps;

  /**
   * What may pass of what `authorization` let in.
   *
   * @default - all of it
   */
  readonly policy?: PolicyProps;

  /**
   * How services are told who called, by an assertion that the proxy signs. In a VPC the function must also reach Secrets
   * Manager.
   *
   * @default - they are not told
   */
  readonly assertion?: AssertionProps;

  /**
   * Web ACL of AWS WAF before the API. REST APIs only.
   *
   * @default - none: it has a price, and rules that a team must know
   */
  readonly webAcl?: WebAcl;

  /**
   * VPC endpoints (of `execute-api`) through which alone the API can be called; it is private then. REST APIs only.
   *
   * @default - the API has a public address
   */
  readonly vpcEndpoints?: ec2.IVpcEndpoint[];

  /**
   * A domain of yours in front of the API, with certificates of clients (mutual TLS) if you say so.
   *
   * @default - the address that API Gateway gives
   */
  readonly customDomain?: CustomDomainProps;

  /**
   * VPC in which the services can be reached.
   *
   * The function must also reach Firehose from there, by an interface endpoint or a NAT gateway, and S3, by a gateway
   * endpoint or a NAT gateway.
   *
   * @default - the function is in no VPC of yours and reaches public addresses only
   */
  readonly vpc?: ec2.IVpc;

  /**
   * Subnets for the function. Only with `vpc`.
   *
   * @default - the private subnets of the VPC
   */
  readonly vpcSubnets?: ec2.SubnetSelection;

  /**
   * Security groups of the function. Only with `vpc`.
   *
   * @default - a security group is made that lets everything out and nothing in
   */
  readonly securityGroups?: ec2.ISecurityGroup[];

  /**
   * Memory of the function in MiB; its share of a processor grows with it.
   *
   * @default 1024
   */
  readonly memorySize?: number;

  /**
   * How long the logs of function and API are kept. They are operational logs; audit events are kept by the trail.
   *
   * @default RetentionDays.ONE_YEAR - since an event that no delivery stream took is written to the function's log
   */
  readonly logRetention?: logs.RetentionDays;

  /**
   * Whether to set the role with which API Gateway writes to CloudWatch Logs. It is one setting for all REST APIs of
   * an account and region: say false where something else sets it.
   *
   * @default true - the role is made, set, and stays when the stack is deleted; nothing is done for an HTTP API
   */
  readonly cloudWatchRole?: boolean;
}

/** Props of an access proxy. */
export interface AccessProxyProps extends AccessProxyOptions {
  /** Where audit events go. */
  readonly trail: AuditTrail;
}

const DEFAULT_GATEWAY_SECRET_VERSION = 1;
const DEFAULT_RATE_LIMIT = 1000;
const DEFAULT_BURST_LIMIT = 2000;
const DEFAULT_MEMORY_MIB = 1024;
const REST_STAGE_NAME = 'prod';
const HTTP_STAGE_NAME = '$default';

/**
 * API Gateway and the proxy function: lets requests in, forwards them to internal services by their path, and records
 * each as an audit event.
 */
export class AccessProxy extends Construct {
  /** URL under which the routes are, with a slash at the end. */
  public readonly url: string;

  /** The proxy function. */
  public readonly handler: lambda.Function;

  /**
   * The function that answers routes with `streaming`: of the same code, role, settings and network as `handler`; undefined
   * where no route streams. What you change on one of them alone, like a variable of its environment, the other does not have.
   */
  public readonly streamingHandler?: lambda.Function;

  /** The log group of `handler` and `streamingHandler`. */
  public readonly functionLogGroup: logs.ILogGroup;

  /**
   * API Gateway's access log: one JSON object for each request that arrived, on its way to the trail's `edge/`. Undefined
   * where `apiType` is REST: that log goes straight to a delivery stream of the trail.
   */
  public readonly accessLogGroup?: logs.ILogGroup;

  /** The REST API; undefined where `apiType` is HTTP. */
  public readonly restApi?: apigateway.RestApi;

  /** The HTTP API; undefined where `apiType` is REST. */
  public readonly httpApi?: apigatewayv2.HttpApi;

  /** Where services find the public keys of the assertions; undefined without `assertion`. */
  public readonly jwksUrl?: string;

  /** `iss` of the assertions; undefined without `assertion`. */
  public readonly assertionIssuer?: string;

  /** What an alias record in DNS for `customDomain` must name; undefined without `customDomain`. */
  public readonly domainAliasTarget?: string;

  /** Hosted zone of `domainAliasTarget`. */
  public readonly domainAliasHostedZoneId?: string;

  /**
   * What nobody should change but a deployment.
   *
   * @internal
   */
  public readonly _guarded: GuardedProxy;

  private readonly front: Front;

  constructor(scope: Construct, id: string, props: AccessProxyProps) {
    super(scope, id);
    const { apiType = ApiType.REST, authorization = Authorization.iam(), trail } = props;
    const { logRetention = logs.RetentionDays.ONE_YEAR } = props;
    const routes = resolveRoutes(this, props.routes);
    refuse(this, [
      ...accessProblems(props, authorization, apiType === ApiType.REST),
      ...edgeProblems(props, apiType === ApiType.REST),
      ...streamingProblems(routes, apiType === ApiType.REST),
      ...recordingProblems(props),
    ]);
    const { hedgeDelayMs, limitMs } = resolveRecordingProps(props);

    const assertion = props.assertion && resolveAssertion(this, props.assertion);
    const keys =
      assertion &&
      new AssertionSecret(this, 'AssertionKeys', {
        ...assertion,
        logRetention,
        key: trail.operationalKey,
        deployRoleArns: trail._deployRoleArns,
      });

    const gatewaySecret = new GatewaySecret(this, 'GatewaySecret', {
      version: props.gatewaySecretVersion ?? DEFAULT_GATEWAY_SECRET_VERSION,
      logRetention,
      key: trail.operationalKey,
      deployRoleArns: trail._deployRoleArns,
    });
    const hasPseudonyms = routes.some(({ record }) => record !== undefined && needsPseudonyms(record));
    const pseudonymKey = hasPseudonyms ? trail._pseudonymKey() : undefined;

    const secretsOfProxy = [keys, pseudonymKey].filter((secret) => secret !== undefined);
    const { handler, streamingHandler, logGroup, role } = new ProxyFunction(this, 'Function', {
      settings: {
        routes,
        deliveryStreams: trail.deliveryStreams.map(({ deliveryStreamName }) => deliveryStreamName),
        fallbackBucket: trail.bucket.bucketName,
        hedgeDelayMs,
        recordingLimitMs: limitMs,
        provider: 'AWS',
        maxBodyBytes: props.maxBodySize?.toBytes() ?? DEFAULT_MAX_BODY_BYTES,
        claimNames: props.identity?.claims,
        policy: policySettings(this, props.policy, routes),
        assertion: assertion && {
          issuer: assertion.issuer,
          lifetimeSeconds: assertion.lifetimeSeconds,
          keys: keys!.secret.secretArn,
        },
        pseudonymKey: pseudonymKey?.secret.secretArn,
        gatewaySecretHashes: gatewaySecret.hashes,
      },
      readStatements: [
        ...secretsOfProxy.flatMap((secret) => secret.readStatements()),
        ...certificateStatements(props.routes),
      ],
      trail,
      secrets: secretsOfProxy,
      memorySize: props.memorySize ?? DEFAULT_MEMORY_MIB,
      logRetention,
      vpc: props.vpc,
      vpcSubnets: props.vpcSubnets,
      securityGroups: props.securityGroups,
    });
    this.handler = handler;
    this.streamingHandler = streamingHandler;
    this.functionLogGroup = logGroup;
    const front: FrontProps = {
      handler,
      authorization,
      gatewaySecret,
      openPaths: assertion === undefined ? [] : [JWKS_PATH],
      customDomain: props.customDomain,
      throttling: {
        rateLimit: props.throttling?.rateLimit ?? DEFAULT_RATE_LIMIT,
        burstLimit: props.throttling?.burstLimit ?? DEFAULT_BURST_LIMIT,
      },
      stageName: apiType === ApiType.REST ? REST_STAGE_NAME : HTTP_STAGE_NAME,
    };
    if (apiType === ApiType.REST) {
      const rest = new RestFront(this, 'Rest', {
        ...front,
        streamingHandler,
        paths: gatewayResources(routes),
        edgeStream: trail._edgeStream('restApi'),
        logRetention,
        logKey: trail.operationalKey,
        cloudWatchRole: props.cloudWatchRole ?? true,
        webAcl: props.webAcl,
        vpcEndpoints: props.vpcEndpoints,
      });
      this.restApi = rest.restApi;
      this.front = rest;
    } else {
      const accessLogGroup = new logs.LogGroup(this, 'AccessLog', {
        retention: logRetention,
        encryptionKey: trail.operationalKey,
      });
      const stream = trail._edgeStream('httpApi');
      new EdgeLogSubscription(this, 'EdgeLog', { logGroup: accessLogGroup, stream, key: trail.key });
      const http = new HttpFront(this, 'Http', { ...front, accessLogGroup });
      this.accessLogGroup = accessLogGroup;
      this.httpApi = http.httpApi;
      this.front = http;
    }
    this._guarded = {
      functions: [
        ...[handler, ...(streamingHandler ? [streamingHandler] : [])],
        ...[gatewaySecret.handler, ...(keys ? [keys.handler] : [])],
      ],
      roles: [role, gatewaySecret.role, ...(keys ? [keys.role] : [])],
      logGroups: [logGroup, ...(this.accessLogGroup ? [this.accessLogGroup] : [])],
      apiId: this.restApi?.restApiId ?? this.httpApi!.apiId,
      secrets: [gatewaySecret, ...(keys ? [keys] : [])].map(({ secret, role }) => ({ secret, rotationRole: role })),
    };
    this.url = this.front.url;
    this.domainAliasTarget = this.front.domainAliasTarget;
    this.domainAliasHostedZoneId = this.front.domainAliasHostedZoneId;
    if (assertion !== undefined) {
      this.jwksUrl = `${this.url}${JWKS_PATH.slice(1)}`;
      this.assertionIssuer = assertion.issuer;
    }
  }

  /**
   * Lets a principal call every method of every path. Has an effect where the authorization is IAM.
   *
   * @param grantee who may call
   */
  public grantInvoke(grantee: iam.IGrantable): iam.Grant {
    return iam.Grant.addToPrincipal({
      grantee,
      actions: ['execute-api:Invoke'],
      resourceArns: [this.front.arnForInvoke()],
    });
  }
}
