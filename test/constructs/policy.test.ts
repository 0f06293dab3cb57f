import { App, Stack } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { AuditProxy, CallerKind, RuleEffect, type PolicyProps } from '../../lib';
import { decodeSettings } from '../../lib/routing/proxy-settings';
import { flat, theResource } from './support';

const folder = mkdtempSync(path.join(tmpdir(), 'audit-proxy-policies-'));
afterAll(() => rmSync(folder, { recursive: true }));

function synth(policy: PolicyProps): Template {
  const stack = new Stack(new App(), 'Shop');
  new AuditProxy(stack, 'AuditProxy', {
    routes: [{ path: '/orders', upstream: 'http://orders.internal' }],
    monitoring: false,
    policy,
  });
  return Template.fromStack(stack);
}

function policyOf(template: Template) {
  const handler = theResource(template, 'AWS::Lambda::Function', 'AuditProxyAccessFunction');
  return decodeSettings(flat(handler.Properties.Environment.Variables) as Record<string, string>).policy;
}

describe('the policy of an access proxy', () => {
  it('goes to the function as rules', () => {
    const policy: PolicyProps = {
      rules: [
        { name: 'no-partners', effect: RuleEffect.DENY, who: [CallerKind.CERTIFICATE], paths: ['/orders/internal/**'] },
        { name: 'read', methods: ['GET'], claims: { tenant: ['t-1'] }, sources: ['10.0.0.0/8'] },
      ],
      dryRunRoutes: ['/orders'],
    };
    const template = synth(policy);
    expect(policyOf(template)).toEqual(policy);
    template.resourceCountIs('AWS::Lambda::LayerVersion', 0);
  });

  it('goes to the function as Cedar policies, with the engine as a layer', () => {
    writeFileSync(path.join(folder, 'orders.cedar'), 'permit(principal, action, resource);');
    const template = synth({ cedar: folder, cedarHeaders: ['x-tenant'] });
    expect(policyOf(template)).toEqual({
      cedar: {
        policies: [{ file: 'orders.cedar', text: 'permit(principal, action, resource);' }],
        headers: ['x-tenant'],
        engine: '/opt/cedar',
      },
    });
    template.hasResourceProperties('AWS::Lambda::Function', { Layers: [Match.anyValue()] });
    template.resourceCountIs('AWS::Lambda::LayerVersion', 1);
  });

  it.each<[PolicyProps, string]>([
    [{}, 'policy: must have one of rules and cedar; got none'],
    [{ rules: [{ name: 'a', routes: ['/x'] }] }, 'policy.rules[0].routes[0]: must be the path of a route'],
    [{ rules: [{ name: 'a' }], cedarHeaders: ['x'] }, 'policy.cedarHeaders: must go with cedar'],
    [{ cedar: path.join(folder, 'none') }, 'policy.cedar: '],
  ])('is checked: %j', (policy, message) => {
    expect(() => synth(policy)).toThrow(message);
  });

  it('is not deployed with Cedar policies that cannot be parsed', () => {
    writeFileSync(path.join(folder, 'broken.cedar'), 'permit(');
    expect(() => synth({ cedar: folder })).toThrow('policy.cedar: broken.cedar:');
    rmSync(path.join(folder, 'broken.cedar'));
  });
});
