import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { Stack, App } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { ApiType, AuditProxy } from '../../lib';
import { asList, resources, ROUTE, type Statement } from './support';

const page = readFileSync(path.join(__dirname, '../../docs/organization-policy.md'), 'utf8');
const policy = JSON.parse(/<!-- scp -->\s*```json\n([^]*?)```/.exec(page)![1]!) as { Statement: Statement[] };
const [records] = policy.Statement;

/** ARNs of the streams of the stack that the page is about; CloudFormation begins the names that it gives by the stack's. */
function streamArns(apiType: ApiType): string[] {
  const stack = new Stack(new App(), 'AuditProxy');
  new AuditProxy(stack, 'AuditProxy', { routes: [ROUTE], apiType });
  return resources(Template.fromStack(stack), 'AWS::KinesisFirehose::DeliveryStream').map(({ Properties }) => {
    const given = (Properties as { DeliveryStreamName?: unknown }).DeliveryStreamName;
    const name = given === undefined ? 'AuditProxy-AuditProxyTrailEvents0-1A2B3C' : JSON.stringify(given).match(/amazon-apigateway-[\w-]*/)![0]; // prettier-ignore
    return `arn:aws:firehose:eu-west-1:111122223333:deliverystream/${name}`;
  });
}

const isMatch = (pattern: string, arn: string) =>
  new RegExp(`^${pattern.split('*').map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')).join('.*')}$`).test(arn); // prettier-ignore

describe('the policy for an organization', () => {
  it.each([ApiType.REST, ApiType.HTTP])('names every stream of a stack with a %s API', (apiType) => {
    const arns = streamArns(apiType);
    expect(arns.length).toBeGreaterThanOrEqual(2);
    for (const arn of arns) {
      expect(
        asList(records!.Resource as string | string[]).some((pattern) => isMatch(pattern, arn)),
        arn,
      ).toBe(true);
    }
  });

  it('denies every way to put a record, to all but named roles', () => {
    expect(records).toMatchObject({ Effect: 'Deny', Action: 'firehose:PutRecord*' });
    const { ArnNotEquals } = records!.Condition as Record<string, Record<string, string[]>>;
    for (const arn of ArnNotEquals!['aws:PrincipalArn']!) expect(arn).not.toContain('*');
  });

  it('is valid: no principal, and within the 5,120 characters that an SCP can have', () => {
    expect(policy.Statement.every((statement) => !('Principal' in statement))).toBe(true);
    expect(JSON.stringify(policy).length).toBeLessThan(5_120);
  });
});
