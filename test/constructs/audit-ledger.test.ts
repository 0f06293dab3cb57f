import { App, Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import * as kms from 'aws-cdk-lib/aws-kms';
import * as s3 from 'aws-cdk-lib/aws-s3';
import { AwsSolutionsChecks } from 'cdk-nag';
import { describe, expect, it } from 'vitest';
import { AuditLedger, AuditTrail, type AuditTrailProps } from '../../lib';
import { decodeSealerSettings } from '../../lib/ledger/seal/settings';
import { sealerOver, versionsOf } from '../ledger/seal/support';
import { MemorySealStore } from '../support/memory-seal-store';
import { matches } from './event-pattern';
import { asList, flat, idOf, newStack, resources, roleStatements, statements, theResource } from './support';

function synth(props: AuditTrailProps = {}) {
  const stack = newStack();
  const trail = new AuditTrail(stack, 'Trail', props);
  return { trail, template: Template.fromStack(stack) };
}

const { trail, template } = synth();
const ref = (type: string, id: string) => `\${${idOf(template, type, id)}}`;
const arn = (type: string, id: string) => `\${${idOf(template, type, id)}.Arn}`;
const FUNCTION = 'AWS::Lambda::Function';

const BUCKET = arn('AWS::S3::Bucket', 'TrailLocked');
const TRAIL_KEY = arn('AWS::KMS::Key', 'TrailKey');
const OPERATIONAL_KEY = arn('AWS::KMS::Key', 'TrailOperationalKey');
const SIGNING_KEY = arn('AWS::KMS::Key', 'TrailLedgerSigningKey');
const SEALER_ROLE = arn('AWS::IAM::Role', 'TrailLedgerSealerRole');
const VKEY_ROLE = arn('AWS::IAM::Role', 'TrailLedgerVkeyRole');
const QUEUE = arn('AWS::SQS::Queue', 'TrailLedgerNoticesQueue');
const DEAD_LETTERS = arn('AWS::SQS::Queue', 'TrailLedgerNoticesDeadLetters');
const SEALER = theResource(template, FUNCTION, 'TrailLedgerSealer');
const DEPLOY_ROLE =
  'arn:${AWS::Partition}:iam::${AWS::AccountId}:role/cdk-hnb659fds-cfn-exec-role-${AWS::AccountId}-${AWS::Region}';

const logStatement = (id: string) => ({
  Effect: 'Allow',
  Action: ['logs:CreateLogStream', 'logs:PutLogEvents'],
  Resource: arn('AWS::Logs::LogGroup', id),
});

describe('the signing key', () => {
  const key = theResource(template, 'AWS::KMS::Key', 'TrailLedgerSigningKey');

  it('is an Ed25519 key, and stays when the stack is deleted', () => {
    expect(key.Properties).toMatchObject({ KeySpec: 'ECC_NIST_EDWARDS25519', KeyUsage: 'SIGN_VERIFY' });
    expect(key.Properties).not.toHaveProperty('EnableKeyRotation');
    expect([key.DeletionPolicy, key.UpdateReplacePolicy]).toEqual(['Retain', 'Retain']);
  });

  it('is used by the sealer alone, guarded from everybody, and managed by who deploys', () => {
    const all = { Resource: '*' };
    const everybody = { Effect: 'Deny', Principal: { AWS: '*' }, ...all };
    expect(statements(key.Properties.KeyPolicy)).toEqual([
      {
        Sid: 'LetPoliciesOfTheAccountDecide',
        Effect: 'Allow',
        Principal: { AWS: 'arn:${AWS::Partition}:iam::${AWS::AccountId}:root' },
        Action: 'kms:*',
        ...all,
      },
      {
        Sid: 'TheSealerSigns',
        Effect: 'Allow',
        Principal: { AWS: SEALER_ROLE },
        Action: 'kms:Sign',
        ...all,
        Condition: { StringEquals: { 'kms:SigningAlgorithm': 'ED25519_SHA_512', 'kms:MessageType': 'RAW' } },
      },
      {
        Sid: 'NobodyElseSigns',
        ...everybody,
        Action: 'kms:Sign',
        Condition: { ArnNotEquals: { 'aws:PrincipalArn': [SEALER_ROLE] } },
      },
      {
        Sid: 'ThePublicKeyIsRead',
        Effect: 'Allow',
        Principal: { AWS: [SEALER_ROLE, VKEY_ROLE] },
        Action: 'kms:GetPublicKey',
        ...all,
      },
      { Sid: 'NobodyTakesTheKeyAway', ...everybody, Action: ['kms:DisableKey', 'kms:ScheduleKeyDeletion'] },
      {
        Sid: 'OnlyDeployRolesChangeThisPolicy',
        ...everybody,
        Action: 'kms:PutKeyPolicy',
        Condition: {
          ArnNotLike: { 'aws:PrincipalArn': [DEPLOY_ROLE, 'arn:${AWS::Partition}:iam::${AWS::AccountId}:root'] },
        },
      },
    ]);
  });

  it('can be managed by the same other roles as the trail', () => {
    const { template: other } = synth({ deployRoleArns: ['arn:aws:iam::123456789012:role/ci'] });
    const { KeyPolicy } = theResource(other, 'AWS::KMS::Key', 'TrailLedgerSigningKey').Properties;
    expect(statements(KeyPolicy).at(-1)?.Condition).toMatchObject({
      ArnNotLike: { 'aws:PrincipalArn': ['arn:aws:iam::123456789012:role/ci', expect.stringContaining(':root')] },
    });
  });
});

describe('ledger/', () => {
  const policy = statements(theResource(template, 'AWS::S3::BucketPolicy', 'TrailLocked').Properties.PolicyDocument);
  const bySid = (sid: string) => policy.find(({ Sid }) => Sid === sid);
  const everybody = { Effect: 'Deny', Principal: { AWS: '*' }, Action: 's3:PutObject' };

  it('can be written by the sealer alone', () => {
    expect(bySid('OnlyWriterLedger')).toEqual({
      Sid: 'OnlyWriterLedger',
      ...everybody,
      Resource: `${BUCKET}/ledger/*`,
      Condition: { ArnNotEquals: { 'aws:PrincipalArn': [SEALER_ROLE] } },
    });
  });

  it('is written once, but for head and checkpoint', () => {
    expect(bySid('LedgerIsWrittenOnce')).toEqual({
      Sid: 'LedgerIsWrittenOnce',
      ...everybody,
      Resource: ['index', 'staging', 'tile'].map((folder) => `${BUCKET}/ledger/${folder}/*`),
      Condition: { Null: { 's3:if-none-match': 'true' } },
    });
  });

  it('has a head and a checkpoint that nobody replaces without having read them', () => {
    // Both headers missing is what is denied.
    expect(bySid('LedgerIsSwapped')).toEqual({
      Sid: 'LedgerIsSwapped',
      ...everybody,
      Resource: [`${BUCKET}/ledger/head`, `${BUCKET}/ledger/checkpoint`],
      Condition: { Null: { 's3:if-none-match': 'true', 's3:if-match': 'true' } },
    });
  });
});

describe('the role of the sealer', () => {
  const allowed = roleStatements(theResource(template, 'AWS::IAM::Role', 'TrailLedgerSealerRole'));
  const written = ['index/*', 'staging/*', 'tile/*', 'head', 'checkpoint'].map((key) => `ledger/${key}`);

  it('may do what the sealer does and no more', () => {
    expect(allowed).toEqual([
      { Effect: 'Allow', Action: ['s3:GetObject', 's3:GetObjectVersion'], Resource: `${BUCKET}/*` },
      { Effect: 'Allow', Action: ['s3:ListBucket', 's3:ListBucketVersions'], Resource: BUCKET },
      { Effect: 'Allow', Action: 's3:PutObject', Resource: written.map((key) => `${BUCKET}/${key}`) },
      { Effect: 'Allow', Action: ['kms:Decrypt', 'kms:GenerateDataKey'], Resource: TRAIL_KEY },
      {
        Effect: 'Allow',
        Action: ['sqs:DeleteMessage', 'sqs:GetQueueAttributes', 'sqs:ReceiveMessage'],
        Resource: QUEUE,
      },
      {
        Effect: 'Allow',
        Action: 'kms:Decrypt',
        Resource: OPERATIONAL_KEY,
        Condition: { StringEquals: { 'kms:ViaService': 'sqs.${AWS::Region}.amazonaws.com' } },
      },
      logStatement('TrailLedgerSealerLog'),
    ]);
    // Neither the mapping nor the schedule adds to it.
    expect(resources(template, 'AWS::IAM::Policy')).toEqual([]);
  });

  it('may write every file that sealing writes', async () => {
    const store = new MemorySealStore();
    await sealerOver(store.client()).seal(versionsOf(300));
    const patterns = written.map((key) => new RegExp(`^${key.replace('*', '.*')}$`));
    const allowedBy = new Set<string>();
    for (const path of store.written) {
      const pattern = patterns.find((one) => one.test(`ledger/${path}`));
      expect(pattern, path).toBeDefined();
      allowedBy.add(String(pattern));
    }
    expect(allowedBy.size).toBe(patterns.length);
  });
});

describe('notices', () => {
  const rule = theResource(template, 'AWS::Events::Rule', 'TrailLedgerNotices');
  const created = (key: string, name = ref('AWS::S3::Bucket', 'TrailLocked')) => ({
    source: 'aws.s3',
    'detail-type': 'Object Created',
    detail: { bucket: { name }, object: { key } },
  });
  const noticed = (event: unknown) => matches(flat(rule.Properties.EventPattern) as Record<string, unknown>, event);

  it('come of every object of the bucket but the ledger itself', () => {
    for (const key of ['events/dt=2026-11-24/hour=07/x.parquet', 'fallback/x', 'errors/x', 'ledge', 'put-by-hand']) {
      expect(noticed(created(key)), key).toBe(true);
    }
    expect(noticed(created('ledger/head'))).toBe(false);
    expect(noticed(created('ledger/tile/0/000'))).toBe(false);
    expect(noticed(created('events/x', 'another'))).toBe(false);
  });

  it('wait in a queue that takes them from this rule, by TLS, encrypted under the operational key', () => {
    expect(flat(rule.Properties.Targets)).toEqual([
      { Id: 'Target0', Arn: QUEUE, DeadLetterConfig: { Arn: DEAD_LETTERS } },
    ]);
    const policies = Object.fromEntries(
      resources(template, 'AWS::SQS::QueuePolicy').map(({ Properties }) => [
        String(asList(flat(Properties.Queues))[0]),
        statements(Properties.PolicyDocument),
      ]),
    );
    const tlsOnly = (queue: string) => ({
      Effect: 'Deny',
      Principal: { AWS: '*' },
      Action: 'sqs:*',
      Resource: queue,
      Condition: { Bool: { 'aws:SecureTransport': 'false' } },
    });
    const setAside = (from: string) =>
      expect.objectContaining({
        Effect: 'Allow',
        Principal: { Service: 'events.amazonaws.com' },
        Action: 'sqs:SendMessage',
        Resource: DEAD_LETTERS,
        Condition: { ArnEquals: { 'aws:SourceArn': from } },
      });
    expect(policies).toEqual({
      [QUEUE.replace('.Arn', '')]: [
        tlsOnly(QUEUE),
        {
          Effect: 'Allow',
          Principal: { Service: 'events.amazonaws.com' },
          Action: expect.arrayContaining(['sqs:SendMessage']),
          Resource: QUEUE,
          Condition: { ArnEquals: { 'aws:SourceArn': arn('AWS::Events::Rule', 'TrailLedgerNotices') } },
        },
      ],
      [DEAD_LETTERS.replace('.Arn', '')]: [
        tlsOnly(DEAD_LETTERS),
        ...['TrailLedgerNotices', 'TrailLedgerSealerSweep'].map((from) => setAside(arn('AWS::Events::Rule', from))),
      ],
    });
    for (const { Properties } of resources(template, 'AWS::SQS::Queue')) {
      expect(flat(Properties.KmsMasterKeyId)).toBe(OPERATIONAL_KEY);
    }
  });

  it('are set aside after a day of tries, for longer than they could have waited before', () => {
    const { Properties: queue } = theResource(template, 'AWS::SQS::Queue', 'TrailLedgerNoticesQueue');
    const { Properties: deadLetters } = theResource(template, 'AWS::SQS::Queue', 'TrailLedgerNoticesDeadLetters');
    expect(flat(queue.RedrivePolicy)).toEqual({ deadLetterTargetArn: DEAD_LETTERS, maxReceiveCount: 50 });
    expect(queue.VisibilityTimeout * queue.RedrivePolicy.maxReceiveCount).toBeGreaterThan(24 * 3600);
    expect(queue.MessageRetentionPeriod).toBe(4 * 24 * 3600);
    expect(deadLetters.MessageRetentionPeriod).toBe(14 * 24 * 3600);
  });

  it('are given to the sealer in batches of a minute, to no other for six times as long as it can run', () => {
    const mapping = theResource(template, 'AWS::Lambda::EventSourceMapping');
    expect(flat(mapping.Properties)).toEqual({
      FunctionName: ref(FUNCTION, 'TrailLedgerSealer'),
      EventSourceArn: QUEUE,
      BatchSize: 10_000,
      MaximumBatchingWindowInSeconds: 60,
      ScalingConfig: { MaximumConcurrency: 2 },
      FunctionResponseTypes: ['ReportBatchItemFailures'],
    });
    const { VisibilityTimeout } = theResource(template, 'AWS::SQS::Queue', 'TrailLedgerNoticesQueue').Properties;
    expect(VisibilityTimeout).toBe(6 * SEALER.Properties.Timeout + 60);
  });
});

describe('the sealer', () => {
  it('runs the bundle with its role, its log and its settings', () => {
    expect(flat(SEALER.Properties)).toMatchObject({
      Runtime: 'nodejs24.x',
      Architectures: ['arm64'],
      Handler: 'index.handler',
      MemorySize: 2048,
      Timeout: 300,
      Role: SEALER_ROLE,
      LoggingConfig: { LogGroup: ref('AWS::Logs::LogGroup', 'TrailLedgerSealerLog') },
    });
    const log = theResource(template, 'AWS::Logs::LogGroup', 'TrailLedgerSealerLog');
    expect(log.Properties.RetentionInDays).toBe(365);
    const settings = decodeSealerSettings(flat(SEALER.Properties.Environment.Variables) as Record<string, string>);
    expect(settings).toEqual({
      bucket: ref('AWS::S3::Bucket', 'TrailLocked'),
      keyId: SIGNING_KEY,
      origin: `\${${idOf(template, 'AWS::S3::Bucket', 'TrailLocked')}.RegionalDomainName}/ledger`,
      sweepHours: 24,
      metricNamespace: expect.stringMatching(/^AuditProxy\/ShopAudit-Trail-Ledger/),
    });
    expect(trail.ledger?.metricSealLag()).toMatchObject({
      namespace: settings.metricNamespace,
      metricName: 'SealLag',
      statistic: 'Maximum',
    });
  });

  it('looks for lost notices each hour', () => {
    const { Properties } = theResource(template, 'AWS::Events::Rule', 'TrailLedgerSealerSweep');
    expect(Properties.ScheduleExpression).toBe('rate(1 hour)');
    expect(flat(Properties.Targets)).toEqual([
      expect.objectContaining({ Arn: arn(FUNCTION, 'TrailLedgerSealer'), Input: '{"sweep":true}' }),
    ]);
  });
});

describe('the vkey', () => {
  it('is asked of KMS by a function that may do nothing else', () => {
    expect(flat(theResource(template, FUNCTION, 'TrailLedgerVkey').Properties.Role)).toBe(VKEY_ROLE);
    const role = theResource(template, 'AWS::IAM::Role', 'TrailLedgerVkeyRole');
    expect(roleStatements(role)).toEqual([logStatement('TrailLedgerVkeyLog')]);
    expect(role.Properties).not.toHaveProperty('ManagedPolicyArns');
  });

  it('is known at deployment, within minutes', () => {
    const resource = theResource(template, 'Custom::AuditLedgerVkey');
    expect(flat(resource.Properties)).toEqual({
      ServiceToken: arn(FUNCTION, 'TrailLedgerVkey'),
      ServiceTimeout: '180',
      keyId: SIGNING_KEY,
      origin: `\${${idOf(template, 'AWS::S3::Bucket', 'TrailLocked')}.RegionalDomainName}/ledger`,
    });
    const stack = newStack();
    const { ledger } = new AuditTrail(stack, 'Trail');
    const id = idOf(Template.fromStack(stack), 'Custom::AuditLedgerVkey', 'TrailLedger');
    expect(stack.resolve(ledger?.vkey)).toEqual({ 'Fn::GetAtt': [id, 'vkey'] });
  });
});

describe('the name of the ledger', () => {
  it('can be one of yours, for signing, and for the vkey', () => {
    const { trail: mine, template: named } = synth({ ledgerOrigin: 'audit.example.com/orders' });
    expect(mine.ledger?.origin).toBe('audit.example.com/orders');
    expect(theResource(named, 'Custom::AuditLedgerVkey').Properties.origin).toBe('audit.example.com/orders');
    const { Variables } = theResource(named, FUNCTION, 'TrailLedgerSealer').Properties.Environment;
    expect(decodeSealerSettings(flat(Variables) as Record<string, string>).origin).toBe('audit.example.com/orders');
  });

  it.each(['', 'audit orders', 'audit+orders', 'audit\norders'])('cannot be %j', (ledgerOrigin) => {
    expect(() => synth({ ledgerOrigin })).toThrow(
      `Trail/Ledger: ledgerOrigin: must not be empty or hold white space or "+"; got ${JSON.stringify(ledgerOrigin)}`,
    );
  });
});

describe('the size that the ledger is known to have', () => {
  it('comes to the sealer', () => {
    const { template: sized } = synth({ ledgerMinTreeSize: 1_234 });
    const { Variables } = theResource(sized, FUNCTION, 'TrailLedgerSealer').Properties.Environment;
    expect(decodeSealerSettings(flat(Variables) as Record<string, string>).minTreeSize).toBe(1_234);
  });

  it.each([-1, 1.5])('cannot be %j', (ledgerMinTreeSize) => {
    expect(() => synth({ ledgerMinTreeSize })).toThrow(
      `Trail/Ledger: ledgerMinTreeSize: must be a whole number of at least 0; got ${ledgerMinTreeSize}`,
    );
  });
});

describe('a trail without a ledger', () => {
  const { trail: plain, template: without } = synth({ ledger: false });

  it('has none of this, and nobody can write under ledger/', () => {
    expect(plain.ledger).toBeUndefined();
    for (const type of [FUNCTION, 'AWS::SQS::Queue', 'AWS::Events::Rule', 'Custom::AuditLedgerVkey']) {
      without.resourceCountIs(type, 0);
    }
    without.resourceCountIs('AWS::KMS::Key', 2);
    const { PolicyDocument } = theResource(without, 'AWS::S3::BucketPolicy', 'TrailLocked').Properties;
    const elsewhere = statements(PolicyDocument).find(({ Sid }) => Sid === 'NobodyWritesElsewhere');
    expect(asList(elsewhere?.NotResource).filter((key) => String(key).includes('ledger'))).toEqual([]);
  });
});

describe('cdk-nag AwsSolutions', () => {
  const found = (app: App) => new AwsSolutionsChecks().validateScope(app).violations.map(({ ruleName }) => ruleName);

  it('has no finding about a trail, nor about the ledger of a bucket in another stack', () => {
    const app = new App();
    const { bucket, key } = new AuditTrail(new Stack(app, 'Trails'), 'Trail');
    const ledgers = new Stack(app, 'Ledgers');
    new AuditLedger(ledgers, 'Ledger', { bucket, key });
    // References across stacks are resolved when the app is synthesized.
    Template.fromStack(ledgers);
    expect(found(app)).toEqual([]);
  });

  it('is left to its user for a bucket that the app does not make', () => {
    const app = new App();
    const stack = new Stack(app, 'Ledgers');
    const bucket = s3.Bucket.fromBucketName(stack, 'Bucket', 'trail');
    const key = kms.Key.fromKeyArn(stack, 'Key', 'arn:aws:kms:eu-west-1:123456789012:key/1');
    new AuditLedger(stack, 'Ledger', { bucket, key });
    expect(new Set(found(app).map((rule) => rule.replace(/\[.*/, '')))).toEqual(new Set(['AwsSolutions-IAM5']));
  });
});
