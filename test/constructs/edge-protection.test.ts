import * as acm from 'aws-cdk-lib/aws-certificatemanager';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as s3 from 'aws-cdk-lib/aws-s3';
import { Match, Template } from 'aws-cdk-lib/assertions';
import { describe, expect, it } from 'vitest';
import { AccessProxy, ApiType, AuditTrail, Authorization, WebAcl, type AccessProxyOptions } from '../../lib';
import { newStack, ROUTE, statements, theResource } from './support';

const stack = newStack();
const endpoint = ec2.InterfaceVpcEndpoint.fromInterfaceVpcEndpointAttributes(stack, 'Endpoint', {
  vpcEndpointId: 'vpce-1',
  port: 443,
});
const certificate = acm.Certificate.fromCertificateArn(stack, 'Certificate', 'arn:aws:acm:eu-west-1:123456789012:certificate/1'); // prettier-ignore
const truststore = s3.Bucket.fromBucketName(stack, 'Truststore', 'truststore');
const customDomain = { domainName: 'api.example.com', certificate };
const mutualTls = { truststore, key: 'ca.pem', version: 'v1' };

let count = 0;
function build(props: Partial<AccessProxyOptions>) {
  const own = newStack();
  count += 1;
  const access = new AccessProxy(own, `Access${count}`, { routes: [ROUTE], ...props, trail: new AuditTrail(own, 'Trail') }); // prettier-ignore
  return { access, own, template: Template.fromStack(own) };
}

describe('a web ACL', () => {
  it('of managed rules stands before the stage, and keeps no samples of requests', () => {
    const { template } = build({ webAcl: WebAcl.managed({ requestsPerAddress: 500 }) });
    template.hasResourceProperties('AWS::WAFv2::WebACLAssociation', {
      WebACLArn: { 'Fn::GetAtt': [Match.stringLikeRegexp('WebAcl'), 'Arn'] },
    });
    const { Rules } = theResource(template, 'AWS::WAFv2::WebACL', 'Access').Properties;
    expect(Rules.map(({ Name, Priority }: { Name: string; Priority: number }) => [Priority, Name])).toEqual([
      [0, 'RequestsPerAddress'],
      [1, 'AWSManagedRulesAmazonIpReputationList'],
      [2, 'AWSManagedRulesCommonRuleSet'],
      [3, 'AWSManagedRulesKnownBadInputsRuleSet'],
    ]);
    expect(Rules[2].Statement.ManagedRuleGroupStatement.RuleActionOverrides).toEqual([
      { Name: 'SizeRestrictions_BODY', ActionToUse: { Count: {} } },
    ]);
    for (const { VisibilityConfig } of Rules) expect(VisibilityConfig.SampledRequestsEnabled).toBe(false);
  });

  it('of yours is attached as it is', () => {
    const webAclArn = 'arn:aws:wafv2:eu-west-1:123456789012:regional/webacl/mine/1';
    const { template } = build({ webAcl: WebAcl.fromArn(webAclArn) });
    template.hasResourceProperties('AWS::WAFv2::WebACLAssociation', { WebACLArn: webAclArn });
    template.resourceCountIs('AWS::WAFv2::WebACL', 0);
  });

  it('is not there unless asked for', () => {
    build({}).template.resourceCountIs('AWS::WAFv2::WebACLAssociation', 0);
  });
});

describe('a private API', () => {
  const policyOf = (authorization: Authorization) => {
    const { template } = build({ vpcEndpoints: [endpoint], authorization });
    const api = theResource(template, 'AWS::ApiGateway::RestApi');
    expect(api.Properties.EndpointConfiguration).toEqual({ Types: ['PRIVATE'], VpcEndpointIds: ['vpce-1'] });
    return statements(api.Properties.Policy);
  };
  const onlyThrough = {
    Effect: 'Deny',
    Principal: { AWS: '*' },
    Action: 'execute-api:Invoke',
    Condition: { StringNotEquals: { 'aws:SourceVpce': ['vpce-1'] } },
  };

  it('leaves it to IAM who may call', () => {
    expect(policyOf(Authorization.iam())).toMatchObject([onlyThrough]);
  });

  it('lets everybody through to another authorizer', () => {
    expect(policyOf(Authorization.none())).toMatchObject([{ Effect: 'Allow' }, onlyThrough]);
  });
});

describe.each([ApiType.REST, ApiType.HTTP])('a custom domain of a %s API', (apiType) => {
  const kind = apiType === ApiType.REST ? 'AWS::ApiGateway' : 'AWS::ApiGatewayV2';
  const api = apiType === ApiType.REST ? `${kind}::RestApi` : `${kind}::Api`;

  it('takes TLS 1.2 or later, and is the address of the API', () => {
    const { access, template } = build({ apiType, customDomain });
    expect(access.url).toBe('https://api.example.com/');
    expect(access.domainAliasTarget).toBeDefined();
    const domain = JSON.stringify(theResource(template, `${kind}::DomainName`).Properties);
    expect(domain).toContain('"SecurityPolicy":"TLS_1_2"');
    expect(domain).not.toContain('TruststoreUri');
    expect(theResource(template, api).Properties.DisableExecuteApiEndpoint).not.toBe(true);
  });

  it('with mutual TLS leaves no door without it', () => {
    const { template } = build({ apiType, customDomain: { ...customDomain, mutualTls } });
    template.hasResourceProperties(`${kind}::DomainName`, {
      MutualTlsAuthentication: { TruststoreUri: 's3://truststore/ca.pem', TruststoreVersion: 'v1' },
    });
    expect(theResource(template, api).Properties.DisableExecuteApiEndpoint).toBe(true);
  });
});

it.each<[string, Partial<AccessProxyOptions>, string]>([
  [
    'a web ACL of an HTTP API',
    { apiType: ApiType.HTTP, webAcl: WebAcl.managed() },
    'webAcl: must go with ApiType.REST',
  ],
  [
    'a private HTTP API',
    { apiType: ApiType.HTTP, vpcEndpoints: [endpoint] },
    'vpcEndpoints: must go with ApiType.REST',
  ],
  ['no VPC endpoint', { vpcEndpoints: [] }, 'vpcEndpoints: must hold at least 1 VPC endpoint; got none'],
  [
    'a domain of a private API',
    { vpcEndpoints: [endpoint], customDomain },
    'customDomain: must not go with vpcEndpoints',
  ],
  ['a wrong limit', { webAcl: WebAcl.managed({ requestsPerAddress: 9 }) }, 'webAcl.requestsPerAddress: must be a whole number from 10 to 2000000000; got 9'], // prettier-ignore
  [
    'no rule group',
    { webAcl: WebAcl.managed({ ruleGroups: [] }) },
    'webAcl.ruleGroups: must hold at least 1 rule group',
  ],
])('%s is refused', (_, props, message) => {
  expect(() => build(props)).toThrow(message);
});
