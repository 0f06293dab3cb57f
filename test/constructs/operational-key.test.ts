import { Duration, Stack } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import { Template } from 'aws-cdk-lib/assertions';
import { describe, expect, it } from 'vitest';
import { AccessProxy, ApiType, AuditMonitoring, AuditTrail } from '../../lib';
import { flat, idOf, newStack, resources, ROUTE, statements, theResource } from './support';

const ROUTES = [{ ...ROUTE, record: { pseudonymize: { headers: ['x-customer'] } } }];
const ASSERTION = { rotation: Duration.days(30) };

/** A trail with a REST and an HTTP API, and whatever else of it has a log group, a queue or a secret. */
function deploy() {
  const stack = newStack();
  const trail = new AuditTrail(stack, 'Trail');
  const accessProxies = [ApiType.REST, ApiType.HTTP].map(
    (apiType, n) => new AccessProxy(stack, `Access${n}`, { routes: ROUTES, apiType, trail, assertion: ASSERTION }),
  );
  new AuditMonitoring(stack, 'Monitoring', { trail, accessProxies });
  return { stack, trail, accessProxies };
}

const { stack, trail } = deploy();
const reader = new iam.Role(stack, 'Reader', { assumedBy: new iam.AccountRootPrincipal() });
trail.grantReadPseudonymKey(reader);
const template = Template.fromStack(stack);
const KEY = `\${${idOf(template, 'AWS::KMS::Key', 'TrailOperationalKey')}.Arn}`;

describe('the operational key', () => {
  it.each([
    ['AWS::Logs::LogGroup', 'KmsKeyId', 9],
    ['AWS::SQS::Queue', 'KmsMasterKeyId', 3],
    ['AWS::SecretsManager::Secret', 'KmsKeyId', 3],
  ])('encrypts every %s', (type, property, least) => {
    const found = resources(template, type);
    expect(found.length).toBeGreaterThanOrEqual(least);
    for (const { Properties } of found) expect(flat(Properties[property]), JSON.stringify(Properties)).toBe(KEY);
  });

  it('lets services use it that the trail’s key lets not', () => {
    const services = (id: string) =>
      statements(theResource(template, 'AWS::KMS::Key', id).Properties.KeyPolicy)
        .filter(({ Effect }) => Effect === 'Allow')
        .map(({ Principal, Condition }) => ({ ...(Principal as object), ...(Condition as object) }))
        .filter((principal) => 'Service' in principal);
    expect(services('TrailOperationalKey')).toEqual([
      {
        Service: 'logs.${AWS::Region}.amazonaws.com',
        ArnLike: {
          'kms:EncryptionContext:aws:logs:arn':
            'arn:${AWS::Partition}:logs:${AWS::Region}:${AWS::AccountId}:log-group:*',
        },
      },
      { Service: 'events.amazonaws.com', StringEquals: { 'aws:SourceAccount': '${AWS::AccountId}' } },
    ]);
    expect(services('TrailKey')).toEqual([]);
  });

  it('may not be disabled or deleted, and stays when the stack goes', () => {
    const { DeletionPolicy, Properties } = theResource(template, 'AWS::KMS::Key', 'TrailOperationalKey');
    expect(DeletionPolicy).toBe('Retain');
    const denied = statements(Properties.KeyPolicy).filter(({ Effect }) => Effect === 'Deny');
    expect(denied.flatMap(({ Action }) => Action)).toEqual(
      expect.arrayContaining(['kms:DisableKey', 'kms:ScheduleKeyDeletion', 'kms:PutKeyPolicy']),
    );
  });

  it('opens secrets to their readers by way of Secrets Manager alone', () => {
    for (const id of ['Access0FunctionRole', 'Access1FunctionRole', 'Access0AssertionKeysRole']) {
      const { Properties } = theResource(template, 'AWS::IAM::Role', id);
      const onKey = (Properties.Policies as { PolicyDocument: unknown }[])
        .flatMap(({ PolicyDocument }) => statements(PolicyDocument))
        .filter(({ Resource }) => Resource === KEY);
      expect(onKey.length, id).toBeGreaterThan(0);
      for (const { Condition } of onKey) {
        expect(Condition).toEqual({
          StringEquals: { 'kms:ViaService': 'secretsmanager.${AWS::Region}.amazonaws.com' },
        });
      }
    }
  });
});

describe('the key of the trail', () => {
  /** As CloudFormation makes the ARN of a role that has a name. */
  const arnOf = (id: string) => {
    const { RoleName } = theResource(template, 'AWS::IAM::Role', id).Properties as { RoleName: unknown };
    return resolved({ 'Fn::Join': ['', ['arn:', { Ref: 'AWS::Partition' }, ':iam::', { Ref: 'AWS::AccountId' }, ':role/', RoleName]] }); // prettier-ignore
  };

  it('encrypts objects for the roles that write into the bucket, and for nobody else', () => {
    const key = theResource(template, 'AWS::KMS::Key', 'TrailKey').Properties as {
      KeyPolicy: { Statement: { Sid?: string; Action: unknown; Condition: Record<string, Record<string, unknown>> }[] };
    };
    const only = key.KeyPolicy.Statement.find(({ Sid }) => Sid === 'OnlyWritersEncryptObjects')!;
    expect(only.Action).toEqual(['kms:Encrypt', 'kms:GenerateDataKey*', 'kms:ReEncryptTo']);
    expect(flat(only.Condition.StringEquals)).toEqual({ 'kms:ViaService': 's3.${AWS::Region}.amazonaws.com' });
    const writers = only.Condition.ArnNotEquals!['aws:PrincipalArn'] as unknown[];
    expect(writers.map(resolved)).toEqual(
      ['TrailDeliveryRole', 'TrailLedgerSealerRole', 'Access0FunctionRole', 'Access1FunctionRole'].map(arnOf),
    );
  });
});

/** Evaluates what the name of a role is made of. */
function resolved(value: unknown): string {
  if (typeof value === 'string') return value;
  const { Ref: ref, ...call } = value as Record<string, unknown>;
  if (typeof ref === 'string')
    return ref === 'AWS::StackId' ? 'arn:aws:cloudformation:r:a:stack/ShopAudit/4e1f' : `<${ref}>`;
  const [name, given] = Object.entries(call)[0]! as [string, unknown[]];
  if (name === 'Fn::Join') return (given[1] as unknown[]).map(resolved).join(given[0] as string);
  const split = (given[1] as Record<string, unknown[]>)['Fn::Split']!;
  return resolved(split[1]).split(split[0] as string)[Number(given[0])]!;
}

describe('a secret', () => {
  const policyOf = (secret: string) => {
    const id = idOf(template, 'AWS::SecretsManager::Secret', secret);
    const [policy] = resources(template, 'AWS::SecretsManager::ResourcePolicy').filter(
      ({ Properties }) => flat(Properties.SecretId) === `\${${id}}`,
    );
    return statements(policy!.Properties.ResourcePolicy);
  };
  const role = (start: string) => `\${${idOf(template, 'AWS::IAM::Role', start)}.Arn}`;

  it.each([
    ['Access0AssertionKeys', ['Access0AssertionKeysRole', 'Access0FunctionRole']],
    ['Access1AssertionKeys', ['Access1AssertionKeysRole', 'Access1FunctionRole']],
    ['TrailPseudonymKey', ['Access0FunctionRole', 'Access1FunctionRole', 'Reader']],
  ])('%s is read by its own roles and by nobody else', (secret, readers) => {
    const [read, manage] = policyOf(secret).filter(({ Effect }) => Effect === 'Deny');
    expect(read).toMatchObject({
      Action: 'secretsmanager:GetSecretValue',
      Principal: { AWS: '*' },
      Condition: { ArnNotLike: { 'aws:PrincipalArn': readers.map(role) } },
    });
    expect(manage).toMatchObject({
      Action: ['secretsmanager:DeleteResourcePolicy', 'secretsmanager:PutResourcePolicy'],
      Condition: {
        ArnNotLike: {
          'aws:PrincipalArn': [
            expect.stringMatching(/:role\/cdk-hnb659fds-cfn-exec-role-/),
            'arn:${AWS::Partition}:iam::${AWS::AccountId}:root',
          ],
        },
      },
    });
  });

  it('that the stage hands to the function is read by its maker, and by CloudFormation to deploy the stage', () => {
    const [read] = policyOf('Access0GatewaySecret').filter(({ Effect }) => Effect === 'Deny');
    expect(read!.Condition).toEqual({
      ArnNotLike: {
        'aws:PrincipalArn': [
          role('Access0GatewaySecretRole'),
          expect.stringMatching(/:role\/cdk-hnb659fds-cfn-exec-role-/),
        ],
      },
    });
  });

  it('has a proxy of another stack among its readers by name', () => {
    const { stack: first, trail: shared } = deploy();
    const second = new Stack(first.node.root as Stack, 'Other');
    new AccessProxy(second, 'Access', { routes: ROUTES, trail: shared });
    Template.fromStack(second);
    expect(JSON.stringify(Template.fromStack(first).findResources('AWS::SecretsManager::ResourcePolicy'))).toMatch(
      /:role\/Other/,
    );
  });
});

describe('grantReadPseudonymKey', () => {
  it('refuses whoever has no role, and a trail that has no pseudonyms', () => {
    const plain = newStack();
    const without = new AuditTrail(plain, 'Trail');
    const someRole = new iam.Role(plain, 'Role', { assumedBy: new iam.AccountRootPrincipal() });
    expect(() => without.grantReadPseudonymKey(someRole)).toThrow(
      'ShopAudit/Trail: grantReadPseudonymKey: no access proxy of this trail has a route with pseudonyms',
    );
    expect(() => without.grantReadPseudonymKey(new iam.User(plain, 'User'))).toThrow(
      'ShopAudit/Trail: grantReadPseudonymKey: must be a role or have one',
    );
  });
});
