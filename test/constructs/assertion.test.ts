import { Duration } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { describe, expect, it } from 'vitest';
import { AccessProxy, ApiType, AuditTrail, type AccessProxyOptions } from '../../lib';
import { flat, newStack, resources, ROUTE, roleStatements, settingsOf, theResource } from './support';

function build(props: Partial<AccessProxyOptions> = {}) {
  const stack = newStack();
  const access = new AccessProxy(stack, 'Access', { routes: [ROUTE], ...props, trail: new AuditTrail(stack, 'Trail') });
  return { stack, access, template: Template.fromStack(stack) };
}

const { stack, access, template } = build({ assertion: {} });

describe('assertions', () => {
  it('are off unless asked for', () => {
    const { access: plain, template: without } = build();
    expect(plain.jwksUrl).toBeUndefined();
    expect(settingsOf(without).assertion).toBeUndefined();
    expect(resources(without, 'AWS::SecretsManager::Secret', 'AccessAssertion')).toEqual([]);
  });

  it('are told to the function, with the secret that holds the keys', () => {
    expect(settingsOf(template, 'AccessFunction').assertion).toEqual({
      issuer: 'audit-proxy/ShopAudit',
      lifetimeSeconds: 60,
      keys: expect.stringMatching(/^\$\{AccessAssertionKeysSecret\w+\}$/),
    });
    expect(access.assertionIssuer).toBe('audit-proxy/ShopAudit');
  });

  it('have keys that rotate, by a function that may touch that secret alone', () => {
    template.hasResourceProperties('AWS::SecretsManager::RotationSchedule', {
      RotationRules: { ScheduleExpression: 'rate(30 days)' },
    });
    const rights = roleStatements(theResource(template, 'AWS::IAM::Role', 'AccessAssertionKeysRole'));
    expect(JSON.stringify(rights)).not.toContain('"*"');
    expect(rights.flatMap(({ Action }) => Action)).toEqual([
      'secretsmanager:DescribeSecret',
      'secretsmanager:GetSecretValue',
      'secretsmanager:PutSecretValue',
      'secretsmanager:UpdateSecretVersionStage',
      'kms:Decrypt',
      'kms:GenerateDataKey',
      'logs:CreateLogStream',
      'logs:PutLogEvents',
    ]);
    expect(resources(template, 'AWS::IAM::Policy', 'AccessAssertionKeys')).toEqual([]);
  });

  it('are signed by a function that may read the keys and not write them', () => {
    const rights = roleStatements(theResource(template, 'AWS::IAM::Role', 'AccessFunctionRole')).filter(({ Action }) =>
      JSON.stringify(Action).includes('secretsmanager'),
    );
    expect(rights).toMatchObject([{ Action: 'secretsmanager:GetSecretValue' }]);
  });

  it.each(['issuer', 'lifetime', 'rotation'] as const)('refuse a wrong %s', (key) => {
    const wrong = { issuer: 'a b', lifetime: Duration.minutes(6), rotation: Duration.hours(1) };
    const message = {
      issuer: 'Access: assertion.issuer: must be 1 to 200 letters',
      lifetime: 'Access: assertion.lifetime: must be 5 to 300 whole seconds; got 360 s',
      rotation: 'Access: assertion.rotation: must be 1 to 365 whole days; got',
    }[key];
    expect(() => build({ assertion: { [key]: wrong[key] } })).toThrow(message);
  });
});

describe('the public keys', () => {
  it('are read by everybody, at a path that no route takes', () => {
    const open = resources(template, 'AWS::ApiGateway::Method').filter(
      (m) => m.Properties.AuthorizationType === 'NONE',
    );
    expect(open).toMatchObject([{ Properties: { HttpMethod: 'GET' } }]);
    const parts = resources(template, 'AWS::ApiGateway::Resource').map(({ Properties }) => Properties.PathPart);
    expect(parts.sort()).toEqual(['.audit-proxy', 'jwks.json', '{proxy+}']);
    expect(flat(stack.resolve(access.jwksUrl))).toMatch(/\/\.audit-proxy\/jwks\.json$/);
  });

  it('are at the same path of an HTTP API', () => {
    const { template: http } = build({ assertion: {}, apiType: ApiType.HTTP });
    const route = resources(http, 'AWS::ApiGatewayV2::Route').find(
      ({ Properties }) => Properties.RouteKey === 'GET /.audit-proxy/jwks.json',
    );
    expect(route?.Properties.AuthorizationType).toBe('NONE');
    expect(theResource(http, 'AWS::SecretsManager::Secret', 'AccessAssertion')).toBeDefined();
  });
});
