import { App, Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import { AwsSolutionsChecks } from 'cdk-nag';
import { describe, expect, it } from 'vitest';
import { AccessProxy, AuditTrail } from '../../lib';
import { idOf, newStack, ROUTE, roleStatements, settingsOf, statements, theResource, type Statement } from './support';

/** Statements of the bucket's policy by their Sid. */
function bucketPolicy(template: Template): Map<string | undefined, Statement> {
  const { Properties } = theResource(template, 'AWS::S3::BucketPolicy', 'TrailLocked');
  return new Map(statements(Properties.PolicyDocument).map((statement) => [statement.Sid, statement]));
}

const bucketArn = (template: Template) => `\${${idOf(template, 'AWS::S3::Bucket', 'TrailLocked')}.Arn}`;
const roleArn = (template: Template, id: string) => `\${${idOf(template, 'AWS::IAM::Role', id)}.Arn}`;

function trailWith(build: (stack: Stack, trail: AuditTrail) => void) {
  const stack = newStack();
  const trail = new AuditTrail(stack, 'Trail', { deliveryStreamCount: 2 });
  build(stack, trail);
  return { stack, trail, template: Template.fromStack(stack) };
}

function violationsOf(app: App): string[] {
  return new AwsSolutionsChecks().validateScope(app).violations.map(({ ruleName }) => ruleName);
}

describe('fallback/', () => {
  it('can be written by nobody as long as nothing records', () => {
    const { template } = trailWith(() => undefined);
    const policy = bucketPolicy(template);
    expect(policy.get('NobodyWritesElsewhere')?.NotResource).toEqual([
      `${bucketArn(template)}/events/*`,
      `${bucketArn(template)}/edge/*`,
      `${bucketArn(template)}/errors/*`,
      `${bucketArn(template)}/ledger/*`,
    ]);
    expect(policy.has('OnlyWriterFallback')).toBe(false);
  });

  it('can be written by the functions of all proxies that share the trail, and by nobody else', () => {
    const { template } = trailWith((stack, trail) => {
      new AccessProxy(stack, 'Shop', { routes: [ROUTE], trail });
      new AccessProxy(stack, 'Bank', { routes: [ROUTE], trail, cloudWatchRole: false });
    });
    const policy = bucketPolicy(template);
    expect(policy.get('OnlyWriterFallback')).toEqual({
      Sid: 'OnlyWriterFallback',
      Effect: 'Deny',
      Principal: { AWS: '*' },
      Action: 's3:PutObject',
      Resource: `${bucketArn(template)}/fallback/*`,
      Condition: {
        ArnNotEquals: {
          'aws:PrincipalArn': [roleArn(template, 'ShopFunctionRole'), roleArn(template, 'BankFunctionRole')],
        },
      },
    });
    expect(policy.get('NobodyWritesElsewhere')?.NotResource).toContain(`${bucketArn(template)}/fallback/*`);
    expect(settingsOf(template, 'ShopFunction').fallbackBucket).toBe(
      settingsOf(template, 'BankFunction').fallbackBucket,
    );
  });

  it('is written once: a put must say that there may be no such object', () => {
    const { template } = trailWith(() => undefined);
    expect(bucketPolicy(template).get('FallbackIsWrittenOnce')).toEqual({
      Sid: 'FallbackIsWrittenOnce',
      Effect: 'Deny',
      Principal: { AWS: '*' },
      Action: 's3:PutObject',
      Resource: `${bucketArn(template)}/fallback/*`,
      Condition: { Null: { 's3:if-none-match': 'true' } },
    });
  });
});

describe('grantWrite', () => {
  it('lets a role put events into every stream and under fallback/, and nothing else', () => {
    const { template } = trailWith((stack, trail) =>
      trail.grantWrite(new iam.Role(stack, 'Writer', { assumedBy: new iam.AccountRootPrincipal() })),
    );
    const stream = (index: number) =>
      `\${${idOf(template, 'AWS::KinesisFirehose::DeliveryStream', `TrailEvents${index}`)}.Arn}`;
    const { Properties } = theResource(template, 'AWS::IAM::Policy', 'Writer');
    expect(statements(Properties.PolicyDocument)).toEqual([
      { Effect: 'Allow', Action: ['firehose:PutRecord', 'firehose:PutRecordBatch'], Resource: [stream(0), stream(1)] },
      { Effect: 'Allow', Action: 's3:PutObject', Resource: `${bucketArn(template)}/fallback/*` },
      {
        Effect: 'Allow',
        Action: ['kms:Decrypt', 'kms:GenerateDataKey'],
        Resource: `\${${idOf(template, 'AWS::KMS::Key', 'TrailKey')}.Arn}`,
      },
    ]);
    expect(bucketPolicy(template).get('OnlyWriterFallback')?.Condition).toEqual({
      ArnNotEquals: { 'aws:PrincipalArn': [roleArn(template, 'Writer')] },
    });
  });

  it('takes a function for its role', () => {
    const { template } = trailWith((stack, trail) => {
      const code = lambda.Code.fromInline('exports.handler = async () => ({})');
      const runtime = lambda.Runtime.NODEJS_24_X;
      trail.grantWrite(new lambda.Function(stack, 'Billing', { runtime, handler: 'index.handler', code }));
    });
    expect(bucketPolicy(template).get('OnlyWriterFallback')?.Condition).toEqual({
      ArnNotEquals: { 'aws:PrincipalArn': [roleArn(template, 'BillingServiceRole')] },
    });
  });

  it('takes a role of another stack by its ARN', () => {
    const { template } = trailWith((stack, trail) =>
      trail.grantWrite(iam.Role.fromRoleArn(stack, 'Writer', 'arn:aws:iam::123456789012:role/billing')),
    );
    expect(bucketPolicy(template).get('OnlyWriterFallback')?.Condition).toEqual({
      ArnNotEquals: { 'aws:PrincipalArn': ['arn:aws:iam::123456789012:role/billing'] },
    });
  });

  it('refuses what has no role, as the policy of the bucket could not name it', () => {
    expect(() => trailWith((_, trail) => trail.grantWrite(new iam.ServicePrincipal('logs.amazonaws.com')))).toThrow(
      /^ShopAudit\/Trail: grantWrite: must be a role or have one, .*; got ServicePrincipal\(/,
    );
  });
});

describe('a proxy in another stack than its trail', () => {
  const app = new App();
  const trailStack = new Stack(app, 'Trails');
  const trail = new AuditTrail(trailStack, 'Trail');
  const proxyStack = new Stack(app, 'Shop');
  new AccessProxy(proxyStack, 'Access', { routes: [ROUTE], trail });
  const template = Template.fromStack(trailStack);
  const proxy = Template.fromStack(proxyStack);

  it('needs the trail, and the trail does not need it', () => {
    expect(proxyStack.dependencies).toEqual([trailStack]);
    expect(trailStack.dependencies).toEqual([]);
  });

  it('has a role with a name, by which the policy of the bucket knows it', () => {
    const role = theResource(proxy, 'AWS::IAM::Role', 'AccessFunctionRole');
    expect(roleStatements(role)[0]?.Action).toEqual(['firehose:PutRecord', 'firehose:PutRecordBatch']);
    const [name, ...rest] = role.Properties.RoleName['Fn::Join'][1] as [string, ...unknown[]];
    expect(name).toMatch(/^\w{10,43}-$/);
    expect(rest).toEqual([{ Ref: 'AWS::Region' }]);
    expect(bucketPolicy(template).get('OnlyWriterFallback')?.Condition).toEqual({
      ArnNotEquals: {
        'aws:PrincipalArn': [`arn:\${AWS::Partition}:iam::\${AWS::AccountId}:role/${name}\${AWS::Region}`],
      },
    });
  });

  it('is clean by cdk-nag AwsSolutions', () => {
    expect(violationsOf(app)).toEqual([]);
  });
});
