import { App, Stack } from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as s3 from 'aws-cdk-lib/aws-s3';
import { AwsSolutionsChecks } from 'cdk-nag';
import { describe, expect, it } from 'vitest';
import { ApiType, AuditProxy, Authorization, type AuditProxyProps } from '../../lib';
import { ROUTE, synthProxy } from './support';

/** Names of the cdk-nag rules that an app with these props violates. */
function violations(props: Partial<AuditProxyProps> | ((stack: Stack) => Partial<AuditProxyProps>)): string[] {
  const app = new App();
  const stack = new Stack(app, 'ShopAudit');
  const others = typeof props === 'function' ? props(stack) : props;
  new AuditProxy(stack, 'Proxy', { routes: [ROUTE], ...others });
  return new AwsSolutionsChecks()
    .validateScope(app)
    .violations.filter((violation) => JSON.stringify(violation).includes('ShopAudit/Proxy'))
    .map(({ ruleName }) => ruleName);
}

describe('AuditProxy', () => {
  it('puts proxy and trail together', () => {
    const { proxy, template } = synthProxy();
    template.resourceCountIs('AWS::ApiGateway::RestApi', 1);
    // One for events, one for the edge log.
    template.resourceCountIs('AWS::KinesisFirehose::DeliveryStream', 2);
    expect(proxy.url).toBe(proxy.access.url);
  });

  it('watches over them, unless told not to', () => {
    synthProxy({ serverErrorPercent: 7 }).template.hasResourceProperties('AWS::CloudWatch::Alarm', { Threshold: 7 });
    const { proxy, template } = synthProxy({ monitoring: false });
    expect(proxy.monitoring).toBeUndefined();
    template.resourceCountIs('AWS::CloudWatch::Alarm', 0);
    template.resourceCountIs('AWS::CloudWatch::Dashboard', 0);
  });

  it.each<[string, Partial<AuditProxyProps> | ((stack: Stack) => Partial<AuditProxyProps>)]>([
    ['as it comes', {}],
    ['as an HTTP API', { apiType: ApiType.HTTP }],
    ['without authorization', { authorization: Authorization.none() }],
    ['as an HTTP API without authorization', { apiType: ApiType.HTTP, authorization: Authorization.none() }],
    ['without the role of the account', { cloudWatchRole: false }],
    ['in a VPC', (stack) => ({ vpc: new ec2.Vpc(stack, 'Vpc') })],
  ])('is clean by cdk-nag AwsSolutions %s', (_, props) => {
    expect(violations(props)).toEqual([]);
  });

  it('leaves cdk-nag eyes for what is not ours', () => {
    const app = new App();
    const stack = new Stack(app, 'ShopAudit');
    new AuditProxy(stack, 'Proxy', { routes: [ROUTE] });
    new s3.Bucket(stack, 'Other');
    const found = new AwsSolutionsChecks().validateScope(app).violations.map(({ ruleName }) => ruleName);
    expect(found).toEqual(['AwsSolutions-S1', 'AwsSolutions-S10']);
  });
});
