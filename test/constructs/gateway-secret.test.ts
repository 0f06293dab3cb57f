import { Template } from 'aws-cdk-lib/assertions';
import { describe, expect, it } from 'vitest';
import { AccessProxy, ApiType, AuditTrail, type AccessProxyOptions } from '../../lib';
import { GATEWAY_SECRET_VARIABLE } from '../../lib/routing/gateway-secret';
import { asList, flat, idOf, newStack, resources, ROUTE, roleStatements, settingsOf, theResource } from './support';

const STREAMED = { path: '/events', upstream: 'http://events.internal', streaming: true };

function build(props: Partial<AccessProxyOptions> = {}): Template {
  const stack = newStack();
  new AccessProxy(stack, 'Access', { routes: [ROUTE], ...props, trail: new AuditTrail(stack, 'Trail') });
  return Template.fromStack(stack);
}

const kinds = [
  ['a REST API', 'AWS::ApiGateway::Stage', 'Variables', build({ routes: [ROUTE, STREAMED] })],
  ['an HTTP API', 'AWS::ApiGatewayV2::Stage', 'StageVariables', build({ apiType: ApiType.HTTP })],
] as const;

describe.each(kinds)('the gateway secret of %s', (_, stageType, property, template) => {
  const stage = theResource(template, stageType);
  const secretId = idOf(template, 'AWS::SecretsManager::Secret', 'AccessGatewaySecret');
  const resourceId = idOf(template, 'Custom::AuditProxyGatewaySecret', 'AccessGatewaySecret');

  it('is put into the stage by CloudFormation: no template holds it', () => {
    expect(flat(stage.Properties[property])).toEqual({
      [GATEWAY_SECRET_VARIABLE]: `{{resolve:secretsmanager:\${${secretId}}:SecretString::gateway-1:}}`,
    });
    const { Properties } = theResource(template, 'AWS::SecretsManager::Secret', 'AccessGatewaySecret');
    expect(Properties).not.toHaveProperty('SecretString');
    // One dynamic reference, and nobody else takes the value.
    expect(JSON.stringify(template.toJSON()).split('{{resolve:secretsmanager')).toHaveLength(2);
  });

  it('is known to each function by hashes only', () => {
    const functions = resources(template, 'AWS::Lambda::Function', 'AccessFunction');
    expect(functions).toHaveLength(stageType === 'AWS::ApiGateway::Stage' ? 2 : 1);
    for (const { Properties } of functions) {
      const variables = JSON.stringify(flat(Properties.Environment));
      for (const name of ['previousHash', 'currentHash', 'nextHash']) expect(variables).toContain(`\${${resourceId}.${name}}`); // prettier-ignore
      expect(variables).not.toContain(secretId);
    }
    const role = theResource(template, 'AWS::IAM::Role', 'AccessFunctionRole');
    expect(JSON.stringify(roleStatements(role))).not.toContain('secretsmanager');
  });

  it('is known to the functions before the stage hands it over', () => {
    const functions = Object.keys(template.findResources('AWS::Lambda::Function')).filter((id) => id.startsWith('AccessFunction')); // prettier-ignore
    expect(asList(stage.DependsOn ?? [])).toEqual(expect.arrayContaining([resourceId, ...functions]));
  });

  it('is made by a function that may touch that secret alone', () => {
    const rights = roleStatements(theResource(template, 'AWS::IAM::Role', 'AccessGatewaySecretRole'));
    expect(JSON.stringify(rights)).not.toContain('"*"');
    expect(rights).toMatchObject([
      { Action: ['secretsmanager:GetSecretValue', 'secretsmanager:PutSecretValue'], Resource: `\${${secretId}}` },
      {
        Action: ['kms:Decrypt', 'kms:GenerateDataKey'],
        Condition: { StringEquals: { 'kms:ViaService': 'secretsmanager.${AWS::Region}.amazonaws.com' } },
      },
      { Action: ['logs:CreateLogStream', 'logs:PutLogEvents'] },
    ]);
    expect(resources(template, 'AWS::IAM::Policy', 'AccessGatewaySecret')).toEqual([]);
  });
});

describe('gatewaySecretVersion', () => {
  it('chooses what the stage hands over', () => {
    const template = build({ gatewaySecretVersion: 7 });
    expect(JSON.stringify(theResource(template, 'AWS::ApiGateway::Stage').Properties.Variables)).toContain('::gateway-7:'); // prettier-ignore
    template.hasResourceProperties('Custom::AuditProxyGatewaySecret', { version: 7 });
  });

  it.each([0, -1, 1.5, NaN])('refuses %s', (gatewaySecretVersion) => {
    expect(() => build({ gatewaySecretVersion })).toThrow(`gatewaySecretVersion: must be a whole number from 1, known when the app is synthesized; got ${gatewaySecretVersion}`); // prettier-ignore
  });
});

it('is told to a function whose settings are too large for its environment', () => {
  const routes = Array.from({ length: 40 }, (_, n) => ({ path: `/service-${n}`, upstream: `http://${'long-name'.repeat(4)}-${n}.internal` })); // prettier-ignore
  const { Properties } = theResource(build({ routes }), 'AWS::Lambda::Function', 'AccessFunctionHandler');
  expect(JSON.stringify(Properties.Environment)).toContain('currentHash');
  expect(settingsOf(build()).gatewaySecretHashes).toHaveLength(3);
});
