import { App } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { describe, expect, it } from 'vitest';
import { AuditProxyStack } from '../../bin/app/audit-proxy-stack';
import type { AuditProxyConfig, AuthorizationConfig } from '../../bin/config/config';
import { decodeSettings } from '../../lib/routing/proxy-settings';
import { resolveRoute } from '../../lib/routing/route';
import { flat, idOf, theResource } from '../constructs/support';

const config: AuditProxyConfig = {
  file: 'audit-proxy.json',
  routes: [
    resolveRoute({ path: '/orders', upstream: 'http://orders.internal', timeoutMs: 1234, stripPrefix: true }),
    resolveRoute({ path: '/pay', upstream: 'http://pay.internal', guarantee: 'BEFORE_FORWARD' }),
    resolveRoute({ path: '/ask', upstream: 'http://ask.internal', onUnrecorded: 'refuse' }),
    resolveRoute({ path: '/log', upstream: 'http://log.internal', guarantee: 'AFTER_RESPONSE' }),
  ],
  api: { type: 'REST', authorization: { type: 'IAM' }, rateLimit: 7, burstLimit: 8, gatewaySecretVersion: 3 },
  recording: { streams: 2, hedgeDelayMs: 99, limitMs: 999 },
  assertion: undefined,
  claimNames: { groups: 'roles' },
  policy: { rules: [{ name: 'readers', methods: ['GET'], claims: { tier: ['gold'] } }], dryRun: true },
  retentionDays: 30,
  maxBodyBytes: 1000,
  stackName: 'ShopAudit',
  local: { callers: {} },
};

function synth(api: Partial<AuditProxyConfig['api']> = {}): Template {
  const stack = new AuditProxyStack(new App(), 'ShopAudit', { config: { ...config, api: { ...config.api, ...api } } });
  return Template.fromStack(stack);
}

it('tells the services who called as the config says', () => {
  const assertion = { issuer: 'shop', lifetimeSeconds: 30 };
  const stack = new AuditProxyStack(new App(), 'ShopAudit', { config: { ...config, assertion } });
  const template = Template.fromStack(stack);
  const handler = theResource(template, 'AWS::Lambda::Function', 'AuditProxyAccessFunction');
  const variables = flat(handler.Properties.Environment.Variables) as Record<string, string>;
  expect(decodeSettings(variables).assertion).toMatchObject(assertion);
  template.hasOutput('AssertionIssuer', { Value: 'shop' });
  expect(JSON.stringify(template.findOutputs('JwksUrl'))).toContain('.audit-proxy/jwks.json');
});

it('streams where the config says so', () => {
  const events = resolveRoute({ path: '/events', upstream: 'http://events.internal', streaming: true });
  const streams = { ...config, routes: [...config.routes, events], policy: undefined };
  const stack = new AuditProxyStack(new App(), 'ShopAudit', { config: streams });
  const template = Template.fromStack(stack);
  template.hasOutput('StreamingFunctionName', {
    Value: { Ref: idOf(template, 'AWS::Lambda::Function', 'AuditProxyAccessFunctionStreamingHandler') },
  });
  template.hasResourceProperties('AWS::Lambda::Function', { Handler: 'index.streamingHandler', Timeout: 873 });
});

describe('the stack of a config', () => {
  const template = synth();

  it('has everything that the config says', () => {
    template.hasResourceProperties('AWS::S3::Bucket', {
      ObjectLockConfiguration: { Rule: { DefaultRetention: { Mode: 'COMPLIANCE', Days: 30 } } },
    });
    const [stage] = Object.values(template.findResources('AWS::ApiGateway::Stage'));
    expect(stage?.Properties.MethodSettings[0]).toMatchObject({ ThrottlingRateLimit: 7, ThrottlingBurstLimit: 8 });
    const handler = theResource(template, 'AWS::Lambda::Function', 'AuditProxyAccessFunction');
    const settings = decodeSettings(flat(handler.Properties.Environment.Variables) as Record<string, string>);
    expect(settings).toMatchObject({
      routes: config.routes,
      deliveryStreams: [expect.stringContaining('Events0'), expect.stringContaining('Events1')],
      fallbackBucket: expect.stringMatching(/^\$\{.*Locked/),
      hedgeDelayMs: 99,
      recordingLimitMs: 999,
      maxBodyBytes: 1000,
      claimNames: { groups: 'roles' },
      policy: config.policy,
    });
  });

  it('tells an operator where everything is', () => {
    expect(Object.keys(template.toJSON().Outputs).sort()).toEqual([
      'AlarmTopicArn',
      'ApiUrl',
      'BucketName',
      'DashboardName',
      'DatabaseName',
      'DeliveryLogGroupName',
      'DeliveryStreamNames',
      'EdgeDeliveryStreamNames',
      'FunctionLogGroupName',
      'FunctionName',
      'KeyArn',
      'LedgerOrigin',
      'LedgerVkey',
      'NoticesLogGroupName',
      'SealerLogGroupName',
      'SealerName',
      'UnsealedQueueUrl',
      'WorkGroupName',
    ]);
    expect(template.toJSON().Outputs.DatabaseName.Value).toBe('shop_audit');
    // A REST API logs straight into a stream.
    expect(synth({ type: 'HTTP' }).toJSON().Outputs).toHaveProperty('AccessLogGroupName');
  });

  it.each<[AuthorizationConfig, 'REST' | 'HTTP', string]>([
    [{ type: 'NONE' }, 'REST', 'NONE'],
    [
      { type: 'COGNITO', userPoolArn: 'arn:aws:cognito-idp:eu-west-1:123456789012:userpool/eu-west-1_abc' },
      'REST',
      'COGNITO_USER_POOLS',
    ],
    [{ type: 'JWT', issuer: 'https://id.example', audience: ['app'] }, 'HTTP', 'JWT'],
    [{ type: 'LAMBDA', functionArn: 'arn:aws:lambda:eu-west-1:123456789012:function:guard' }, 'REST', 'CUSTOM'],
    [{ type: 'LAMBDA', functionArn: 'arn:aws:lambda:eu-west-1:123456789012:function:guard' }, 'HTTP', 'CUSTOM'],
  ])('asks for the authorization %j on a %s API', (authorization, type, expected) => {
    const other = synth({ type, authorization });
    const kind = type === 'REST' ? 'AWS::ApiGateway::Method' : 'AWS::ApiGatewayV2::Route';
    const types = Object.values(other.findResources(kind)).map(({ Properties }) => Properties.AuthorizationType);
    expect(types).toEqual([expected, expected]);
  });

  it('lets API Gateway call a Lambda authorizer', () => {
    const functionArn = 'arn:aws:lambda:eu-west-1:123456789012:function:guard';
    synth({ authorization: { type: 'LAMBDA', functionArn } }).hasResourceProperties('AWS::Lambda::Permission', {
      FunctionName: functionArn,
      Principal: 'apigateway.amazonaws.com',
    });
  });
});
