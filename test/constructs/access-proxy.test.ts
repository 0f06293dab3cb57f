import { Annotations, Match, Template } from 'aws-cdk-lib/assertions';
import { CfnParameter, Duration, Size } from 'aws-cdk-lib';
import * as cognito from 'aws-cdk-lib/aws-cognito';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import * as logs from 'aws-cdk-lib/aws-logs';
import { describe, expect, it } from 'vitest';
import { AccessProxy, ApiType, AuditTrail, Authorization, type AccessProxyOptions } from '../../lib';
import { flat, newStack, resources, ROUTE, roleStatements, settingsOf, statements, theResource } from './support';

function build(props: Partial<AccessProxyOptions> = {}, stack = newStack()) {
  const trail = new AuditTrail(stack, 'Trail');
  return { stack, access: new AccessProxy(stack, 'Access', { routes: [ROUTE], ...props, trail }) };
}

function synth(props: Partial<AccessProxyOptions> = {}, onto = newStack()) {
  const { stack } = build(props, onto);
  return { stack, template: Template.fromStack(stack) };
}

const { template: rest } = synth();

describe('the function', () => {
  const handler = theResource(rest, 'AWS::Lambda::Function', 'AccessFunction');

  it('runs the bundle on a supported runtime, and outlives the longest route', () => {
    expect(handler.Properties).toMatchObject({
      Runtime: 'nodejs24.x',
      Architectures: ['arm64'],
      Handler: 'index.handler',
      MemorySize: 1024,
      Timeout: 30,
    });
    const routes = [ROUTE, { path: '/slow', upstream: 'http://slow', timeout: Duration.seconds(28) }];
    const { template } = synth({ routes });
    expect(theResource(template, 'AWS::Lambda::Function', 'AccessFunction').Properties.Timeout).toBe(33);
  });

  it('gets its settings in the form that it reads, with every default', () => {
    expect(settingsOf(rest)).toEqual({
      routes: [
        {
          ...ROUTE,
          service: 'orders',
          stripPrefix: false,
          timeoutMs: 25_000,
          guarantee: 'BEFORE_RESPONSE',
          onUnrecorded: 'answer',
        },
      ],
      deliveryStreams: [expect.stringMatching(/^\$\{TrailEvents0Stream\w+\}$/)],
      fallbackBucket: expect.stringMatching(/^\$\{TrailLockedBucket\w+\}$/),
      hedgeDelayMs: 250,
      recordingLimitMs: 2_000,
      provider: 'AWS',
      maxBodyBytes: 4 * 1024 * 1024,
      gatewaySecretHashes: ['previous', 'current', 'next'].map((which) =>
        expect.stringMatching(new RegExp(`^\\$\\{AccessGatewaySecret\\w+\\.${which}Hash\\}$`)),
      ),
    });
  });

  it('gets what the props say', () => {
    const { template } = synth({
      routes: [
        {
          ...ROUTE,
          service: 'shop',
          stripPrefix: true,
          timeout: Duration.millis(1500),
        },
      ],
      maxBodySize: Size.kibibytes(10),
      memorySize: 256,
      logRetention: logs.RetentionDays.ONE_WEEK,
    });
    expect(settingsOf(template)).toMatchObject({
      routes: [{ service: 'shop', stripPrefix: true, timeoutMs: 1500 }],
      maxBodyBytes: 10_240,
    });
    expect(theResource(template, 'AWS::Lambda::Function', 'AccessFunction').Properties.MemorySize).toBe(256);
    for (const group of resources(template, 'AWS::Logs::LogGroup', 'Access')) {
      expect(group.Properties.RetentionInDays).toBe(7);
    }
  });

  it('takes an upstream that is known at deployment only', () => {
    const stack = newStack();
    const host = new CfnParameter(stack, 'Host').valueAsString;
    const { template } = synth({ routes: [{ path: '/a', upstream: `http://${host}:8080` }] }, stack);
    expect(settingsOf(template).routes[0]?.upstream).toBe('http://${Host}:8080');
  });

  it('may put events into stream and bucket of the trail, write its own log, and nothing else', () => {
    const role = theResource(rest, 'AWS::IAM::Role', 'AccessFunction');
    const allowed = roleStatements(role);
    expect(allowed.map(({ Action, Resource }) => ({ Action, Resource }))).toEqual([
      {
        Action: ['firehose:PutRecord', 'firehose:PutRecordBatch'],
        Resource: expect.stringMatching(/^\$\{TrailEvents0Stream\w+\.Arn\}$/),
      },
      { Action: 's3:PutObject', Resource: expect.stringMatching(/^\$\{TrailLockedBucket\w+\.Arn\}\/fallback\/\*$/) },
      {
        Action: ['kms:Decrypt', 'kms:GenerateDataKey'],
        Resource: expect.stringMatching(/^\$\{TrailKey\w+\.Arn\}$/),
      },
      {
        Action: ['logs:CreateLogStream', 'logs:PutLogEvents'],
        Resource: expect.stringMatching(/^\$\{AccessFunctionLog\w+\.Arn\}$/),
      },
    ]);
    expect(role.Properties).not.toHaveProperty('ManagedPolicyArns');
    expect(resources(rest, 'AWS::IAM::Policy')).toEqual([]);
  });

  it('logs to a group of its own that is kept for a year, also after the stack', () => {
    const group = theResource(rest, 'AWS::Logs::LogGroup', 'AccessFunctionLog');
    expect(group.Properties.RetentionInDays).toBe(365);
    expect(group.DeletionPolicy).toBe('Retain');
    expect(flat(handler.Properties.LoggingConfig)).toEqual({
      LogGroup: expect.stringMatching(/^\$\{AccessFunctionLog\w+\}$/),
    });
  });

  it('is in no VPC unless told', () => {
    expect(handler.Properties).not.toHaveProperty('VpcConfig');
  });

  it('goes into a VPC with the network permissions that Lambda needs there, and no more', () => {
    const stack = newStack();
    const vpc = new ec2.Vpc(stack, 'Vpc');
    const group = new ec2.SecurityGroup(stack, 'Group', { vpc });
    const { template } = synth({ vpc, securityGroups: [group] }, stack);
    const { Properties } = theResource(template, 'AWS::Lambda::Function', 'AccessFunction');
    expect(Properties.VpcConfig.SubnetIds).toHaveLength(2);
    expect(flat(Properties.VpcConfig.SecurityGroupIds)).toEqual([expect.stringMatching(/^\$\{Group\w+\.GroupId\}$/)]);

    const role = theResource(template, 'AWS::IAM::Role', 'AccessFunction');
    expect(role.Properties).not.toHaveProperty('ManagedPolicyArns');
    const everywhere = roleStatements(role).filter(({ Resource }) => Resource === '*');
    expect(everywhere.flatMap(({ Action }) => Action)).toEqual([
      'ec2:AssignPrivateIpAddresses',
      'ec2:CreateNetworkInterface',
      'ec2:DeleteNetworkInterface',
      'ec2:DescribeNetworkInterfaces',
      'ec2:DescribeSubnets',
      'ec2:UnassignPrivateIpAddresses',
    ]);
  });
});

describe('the REST API', () => {
  const stage = theResource(rest, 'AWS::ApiGateway::Stage');

  it('is regional, takes TLS 1.2 and later, and passes bodies as bytes', () => {
    expect(theResource(rest, 'AWS::ApiGateway::RestApi').Properties).toMatchObject({
      EndpointConfiguration: { Types: ['REGIONAL'] },
      SecurityPolicy: 'SecurityPolicy_TLS13_1_2_PFS_PQ_2025_09',
      BinaryMediaTypes: ['*/*'],
    });
  });

  it('gives every method of every path to the function, and asks IAM for each', () => {
    const methods = resources(rest, 'AWS::ApiGateway::Method');
    expect(methods).toHaveLength(2);
    for (const { Properties } of methods) {
      expect(Properties).toMatchObject({ HttpMethod: 'ANY', AuthorizationType: 'AWS_IAM' });
      expect(Properties.Integration).toMatchObject({ Type: 'AWS_PROXY', TimeoutInMillis: 29_000 });
      expect(flat(Properties.Integration.Uri)).toContain('${AccessFunctionHandler');
    }
    expect(methods.map(({ Properties }) => flat(Properties.ResourceId))).toEqual([
      expect.stringMatching(/RootResourceId\}$/),
      expect.stringMatching(/proxy\w+\}$/),
    ]);
    expect(theResource(rest, 'AWS::ApiGateway::Resource').Properties.PathPart).toBe('{proxy+}');
  });

  it('throttles', () => {
    expect(stage.Properties.MethodSettings).toEqual([
      expect.objectContaining({
        HttpMethod: '*',
        ResourcePath: '/*',
        ThrottlingRateLimit: 1000,
        ThrottlingBurstLimit: 2000,
      }),
    ]);
    const { template } = synth({ throttling: { rateLimit: 5, burstLimit: 7 } });
    expect(theResource(template, 'AWS::ApiGateway::Stage').Properties.MethodSettings[0]).toMatchObject({
      ThrottlingRateLimit: 5,
      ThrottlingBurstLimit: 7,
    });
  });

  it('logs each request as JSON with the ids and how the function did, and no secret', () => {
    const { DestinationArn, Format } = stage.Properties.AccessLogSetting;
    expect(flat(DestinationArn)).toMatch(/^\$\{TrailEdgeRest\w+\.Arn\}$/);
    const fields = JSON.parse(Format) as Record<string, string>;
    expect(fields).toMatchObject({
      request_id: '$context.requestId',
      extended_request_id: '$context.extendedRequestId',
      integration_status: '$context.integration.integrationStatus',
    });
    // API Gateway's error messages quote Authorization headers; identity.apiKey is the key itself.
    for (const variable of Object.values(fields)) {
      expect(variable).not.toMatch(/error\.message|messageString|apiKey$|authorizer\.claims/);
    }
  });

  it('does not trace bodies and headers, and keeps its execution log for a bounded time', () => {
    expect(stage.Properties.MethodSettings[0]).toMatchObject({ DataTraceEnabled: false, LoggingLevel: 'ERROR' });
    const group = theResource(rest, 'AWS::Logs::LogGroup', 'AccessRestExecutionLog');
    expect(flat(group.Properties.LogGroupName)).toMatch(/^API-Gateway-Execution-Logs_\$\{AccessRestApi\w+\}\/prod$/);
    expect(group.Properties.RetentionInDays).toBe(365);
    expect(stage.DependsOn).toContainEqual(expect.stringMatching(/^AccessRestExecutionLog/));
  });

  it('answers no CORS preflight by itself', () => {
    expect(JSON.stringify(rest.toJSON())).not.toContain('Access-Control-Allow');
  });

  it('sets the CloudWatch role of the account unless told not to', () => {
    rest.resourceCountIs('AWS::ApiGateway::Account', 1);
    synth({ cloudWatchRole: false }).template.resourceCountIs('AWS::ApiGateway::Account', 0);
  });

  it('asks nobody only when told so', () => {
    const methods = resources(synth({ authorization: Authorization.none() }).template, 'AWS::ApiGateway::Method');
    expect(methods.map(({ Properties }) => Properties.AuthorizationType)).toEqual(['NONE', 'NONE']);
  });

  it('asks a Cognito user pool', () => {
    const stack = newStack();
    const pool = new cognito.UserPool(stack, 'Pool');
    const { template } = synth({ authorization: Authorization.cognito(pool) }, stack);
    for (const { Properties } of resources(template, 'AWS::ApiGateway::Method')) {
      expect(Properties.AuthorizationType).toBe('COGNITO_USER_POOLS');
      expect(flat(Properties.AuthorizerId)).toMatch(/^\$\{AccessRestAuthorizer/);
    }
    expect(flat(theResource(template, 'AWS::ApiGateway::Authorizer').Properties.ProviderARNs)).toEqual([
      expect.stringMatching(/^\$\{Pool\w+\.Arn\}$/),
    ]);
  });

  it('asks a function for each request anew', () => {
    const { template } = withAuthorizerFunction(ApiType.REST);
    for (const { Properties } of resources(template, 'AWS::ApiGateway::Method')) {
      expect(Properties.AuthorizationType).toBe('CUSTOM');
    }
    const { Properties } = theResource(template, 'AWS::ApiGateway::Authorizer');
    expect(Properties).toMatchObject({ Type: 'REQUEST', AuthorizerResultTtlInSeconds: 0 });
  });
});

describe('the HTTP API', () => {
  const { template: http } = synth({ apiType: ApiType.HTTP });

  it('takes the place of the REST API', () => {
    http.resourceCountIs('AWS::ApiGateway::RestApi', 0);
    http.resourceCountIs('AWS::ApiGateway::Account', 0);
    http.hasResourceProperties('AWS::ApiGatewayV2::Api', { ProtocolType: 'HTTP', CorsConfiguration: Match.absent() });
  });

  it('gives every method of every path to the function, and asks IAM for each', () => {
    const routes = resources(http, 'AWS::ApiGatewayV2::Route');
    expect(routes.map(({ Properties }) => [Properties.RouteKey, Properties.AuthorizationType])).toEqual([
      ['ANY /', 'AWS_IAM'],
      ['ANY /{proxy+}', 'AWS_IAM'],
    ]);
    for (const { Properties } of resources(http, 'AWS::ApiGatewayV2::Integration')) {
      expect(Properties).toMatchObject({
        IntegrationType: 'AWS_PROXY',
        PayloadFormatVersion: '2.0',
        TimeoutInMillis: 29_000,
      });
    }
  });

  it('throttles and logs on its stage', () => {
    const { Properties } = theResource(http, 'AWS::ApiGatewayV2::Stage');
    expect(Properties.StageName).toBe('$default');
    expect(Properties.DefaultRouteSettings).toMatchObject({ ThrottlingRateLimit: 1000, ThrottlingBurstLimit: 2000 });
    expect(JSON.parse(Properties.AccessLogSettings.Format)).toHaveProperty('extended_request_id');
  });

  it('asks for tokens of an issuer', () => {
    const authorization = Authorization.jwt({ issuer: 'https://id.example', audience: ['app'] });
    const { template } = synth({ apiType: ApiType.HTTP, authorization });
    for (const { Properties } of resources(template, 'AWS::ApiGatewayV2::Route')) {
      expect(Properties.AuthorizationType).toBe('JWT');
    }
    expect(theResource(template, 'AWS::ApiGatewayV2::Authorizer').Properties.JwtConfiguration).toEqual({
      Issuer: 'https://id.example',
      Audience: ['app'],
    });
  });

  it('asks a function for each request anew', () => {
    const { template } = withAuthorizerFunction(ApiType.HTTP);
    for (const { Properties } of resources(template, 'AWS::ApiGatewayV2::Route')) {
      expect(Properties.AuthorizationType).toBe('CUSTOM');
    }
    const { Properties } = theResource(template, 'AWS::ApiGatewayV2::Authorizer');
    expect(Properties).toMatchObject({
      AuthorizerType: 'REQUEST',
      AuthorizerPayloadFormatVersion: '1.0',
      AuthorizerResultTtlInSeconds: 0,
    });
  });

  it('asks nobody only when told so', () => {
    const { template } = synth({ apiType: ApiType.HTTP, authorization: Authorization.none() });
    for (const { Properties } of resources(template, 'AWS::ApiGatewayV2::Route')) {
      expect(Properties.AuthorizationType).toBe('NONE');
    }
  });
});

describe('grantInvoke', () => {
  it.each([
    [ApiType.REST, /:execute-api:.*\/\*\/\*$/],
    [ApiType.HTTP, /:execute-api:.*\/\*\/\*\/\*$/],
  ])('lets a principal call a %s API and nothing else', (apiType, arn) => {
    const { stack, access } = build({ apiType });
    access.grantInvoke(new iam.Role(stack, 'Caller', { assumedBy: new iam.AccountRootPrincipal() }));
    const policy = theResource(Template.fromStack(stack), 'AWS::IAM::Policy', 'Caller');
    const [grant, ...others] = statements(policy.Properties.PolicyDocument);
    expect(others).toEqual([]);
    expect(grant).toMatchObject({
      Effect: 'Allow',
      Action: 'execute-api:Invoke',
      Resource: expect.stringMatching(arn),
    });
  });
});

describe('props that cannot be right', () => {
  const pool = (): cognito.IUserPool => cognito.UserPool.fromUserPoolId(newStack(), 'Pool', 'eu-west-1_abc');
  const vpcSubnets = { subnetType: ec2.SubnetType.PUBLIC };

  it.each<[string, Partial<AccessProxyOptions>, string | RegExp]>([
    ['no route', { routes: [] }, 'ShopAudit/Access: routes: must hold at least 1 route; got none'],
    ['a wrong path', { routes: [{ ...ROUTE, path: 'orders' }] }, 'Access: routes[0].path: must be "/" or'],
    ['a wrong upstream', { routes: [{ ...ROUTE, upstream: 'orders' }] }, 'Access: routes[0].upstream: must be an http'],
    [
      'a long timeout',
      { routes: [{ ...ROUTE, timeout: Duration.seconds(29) }] },
      'Access: routes[0].timeout: must be from 1 ms to 28 s',
    ],
    [
      'two routes with one path',
      { routes: [ROUTE, { path: '/users', upstream: 'http://u' }, ROUTE] },
      'Access: routes[2].path: must be the path of one route only; "/orders" is the path of routes[0] too',
    ],
    [
      'JWT on REST',
      { authorization: Authorization.jwt({ issuer: 'https://i', audience: ['a'] }) },
      'fits ApiType.HTTP only',
    ],
    [
      'no audience',
      { apiType: ApiType.HTTP, authorization: Authorization.jwt({ issuer: 'https://i', audience: [] }) },
      'authorization: Authorization.jwt() must get at least 1 audience; got none',
    ],
    [
      'Cognito on HTTP',
      { apiType: ApiType.HTTP, authorization: Authorization.cognito(pool()) },
      'fits ApiType.REST only',
    ],
    ['no user pool', { authorization: Authorization.cognito() }, 'must get at least 1 user pool; got none'],
    ['subnets without a VPC', { vpcSubnets }, 'Access: vpcSubnets: must go with vpc; got no vpc'],
    ['a large body', { maxBodySize: Size.mebibytes(5) }, 'maxBodySize: must be at most 4194304 bytes (4 MiB)'],
  ])('%s is refused', (_, props, message) => {
    expect(() => synth(props)).toThrow(message);
  });

  it('are told all at once', () => {
    const routes = [
      { path: 'a', upstream: 'http://a' },
      { path: '/b', upstream: 'b' },
    ];
    expect(() => synth({ routes })).toThrow(/routes\[0\]\.path: .*\n.*routes\[1\]\.upstream: /);
  });

  it('show no password', () => {
    const routes = [{ path: '/a', upstream: 'http://admin:hunter2@a' }];
    expect(() => synth({ routes })).toThrow(
      expect.not.objectContaining({ message: expect.stringContaining('hunter2') }),
    );
  });

  it('warn of an upstream that the deployed function cannot reach', () => {
    const routes = ['http://127.0.0.1:9001', 'http://localhost', 'http://[::1]:80', 'http://10.0.0.1'];
    const { stack } = synth({ routes: routes.map((upstream, index) => ({ path: `/r${index}`, upstream })) });
    const warnings = Annotations.fromStack(stack).findWarning(
      '/ShopAudit/Access',
      Match.stringLikeRegexp('cannot reach it'),
    );
    expect(warnings.map(({ entry }) => String(entry.data).slice(0, 9))).toEqual([
      'routes[0]',
      'routes[1]',
      'routes[2]',
    ]);
  });
});

function withAuthorizerFunction(apiType: ApiType) {
  const stack = newStack();
  const authorizer = new lambda.Function(stack, 'Guard', {
    runtime: lambda.Runtime.NODEJS_24_X,
    handler: 'index.handler',
    code: lambda.Code.fromInline('exports.handler = async () => ({})'),
  });
  return synth({ apiType, authorization: Authorization.lambdaAuthorizer(authorizer) }, stack);
}
