import { Duration } from 'aws-cdk-lib';
import { Annotations, Match, Template } from 'aws-cdk-lib/assertions';
import * as iam from 'aws-cdk-lib/aws-iam';
import { execFileSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { AuditTrail } from '../../lib';
import { asList, flat, newStack, resources, roleStatements, statements, theResource, type Statement } from './support';

const stack = newStack();
new AuditTrail(stack, 'Trail');
const template = Template.fromStack(stack);
const idOf = (prefix: string, type: string) =>
  Object.keys(template.findResources(type)).find((id) => id.startsWith(prefix)) ?? '';

const BUCKET = `\${${idOf('TrailLocked', 'AWS::S3::Bucket')}.Arn}`;
const KEY = `\${${idOf('TrailKey', 'AWS::KMS::Key')}.Arn}`;
const DELIVERY_ROLE = `\${${idOf('TrailDeliveryRole', 'AWS::IAM::Role')}.Arn}`;
const DEPLOY_ROLE =
  'arn:${AWS::Partition}:iam::${AWS::AccountId}:role/cdk-hnb659fds-cfn-exec-role-${AWS::AccountId}-${AWS::Region}';

describe('the locked bucket', () => {
  const bucket = theResource(template, 'AWS::S3::Bucket', 'TrailLocked');
  const policy = theResource(template, 'AWS::S3::BucketPolicy', 'TrailLocked');
  const denies = statements(policy.Properties.PolicyDocument);
  const bySid = (sid: string) => denies.find((statement) => statement.Sid === sid) as Statement;

  it('has Object Lock in COMPLIANCE mode for a year, and versions', () => {
    expect(bucket.Properties.ObjectLockEnabled).toBe(true);
    expect(bucket.Properties.ObjectLockConfiguration).toEqual({
      ObjectLockEnabled: 'Enabled',
      Rule: { DefaultRetention: { Mode: 'COMPLIANCE', Days: 365 } },
    });
    expect(bucket.Properties.VersioningConfiguration).toEqual({ Status: 'Enabled' });
  });

  it('has no lifecycle rule, which would hide or remove what is locked', () => {
    expect(bucket.Properties).not.toHaveProperty('LifecycleConfiguration');
  });

  it('is private, encrypted under the key of the trail, and owned by its account', () => {
    expect(Object.values(bucket.Properties.PublicAccessBlockConfiguration)).toEqual([true, true, true, true]);
    expect(bucket.Properties.OwnershipControls.Rules).toEqual([{ ObjectOwnership: 'BucketOwnerEnforced' }]);
    expect(flat(bucket.Properties.BucketEncryption.ServerSideEncryptionConfiguration)).toEqual([
      { BucketKeyEnabled: true, ServerSideEncryptionByDefault: { SSEAlgorithm: 'aws:kms', KMSMasterKeyID: KEY } },
    ]);
  });

  it('stays with its policy when the stack is deleted', () => {
    for (const kept of [bucket, policy]) {
      expect(kept.DeletionPolicy).toBe('Retain');
      expect(kept.UpdateReplacePolicy).toBe('Retain');
    }
  });

  it('logs who reads it, into a bucket without Object Lock', () => {
    const logs = theResource(template, 'AWS::S3::Bucket', 'TrailAccessLogs');
    expect(flat(bucket.Properties.LoggingConfiguration)).toEqual({
      DestinationBucketName: `\${${idOf('TrailAccessLogs', 'AWS::S3::Bucket')}}`,
      LogFilePrefix: 'trail/',
    });
    expect(logs.Properties).not.toHaveProperty('ObjectLockConfiguration');
    const allow = statements(
      theResource(template, 'AWS::S3::BucketPolicy', 'TrailAccessLogs').Properties.PolicyDocument,
    ).filter(({ Effect }) => Effect === 'Allow');
    expect(allow[0]).toMatchObject({
      Principal: { Service: 'logging.s3.amazonaws.com' },
      Action: 's3:PutObject',
      Condition: { ArnEquals: { 'aws:SourceArn': BUCKET }, StringEquals: { 'aws:SourceAccount': '${AWS::AccountId}' } },
    });
  });

  it('denies only, and all principals', () => {
    expect(denies.map(({ Effect }) => Effect)).toEqual(denies.map(() => 'Deny'));
    expect(denies.map(({ Principal }) => Principal)).toEqual(denies.map(() => ({ AWS: '*' })));
  });

  it('takes TLS 1.2 and later only', () => {
    const all = [BUCKET, `${BUCKET}/*`];
    expect(denies).toContainEqual(
      expect.objectContaining({
        Action: 's3:*',
        Resource: all,
        Condition: { Bool: { 'aws:SecureTransport': 'false' } },
      }),
    );
    expect(denies).toContainEqual(
      expect.objectContaining({
        Action: 's3:*',
        Resource: all,
        Condition: { NumericLessThan: { 's3:TlsVersion': 1.2 } },
      }),
    );
  });

  it('lets nobody delete or hide an object, or touch its retention', () => {
    const deny = bySid('NobodyRemoves');
    expect(deny.Action).toEqual(
      expect.arrayContaining([
        's3:DeleteObject',
        's3:DeleteObjectVersion',
        's3:BypassGovernanceRetention',
        's3:PutObjectRetention',
        's3:UpdateObjectEncryption',
        's3:ReplicateObject',
        's3:ReplicateDelete',
      ]),
    );
    expect(deny.Resource).toBe(`${BUCKET}/*`);
    expect(deny).not.toHaveProperty('Condition');
  });

  it('lets only the role that deploys change its policy and settings', () => {
    const deny = bySid('OnlyDeployRolesChangeSettings');
    expect(deny.Action).toEqual(
      expect.arrayContaining([
        's3:DeleteBucket',
        's3:DeleteBucketPolicy',
        's3:PutBucketObjectLockConfiguration',
        's3:PutBucketPolicy',
        's3:PutBucketVersioning',
        's3:PutEncryptionConfiguration',
        's3:PutLifecycleConfiguration',
        's3:PutReplicationConfiguration',
      ]),
    );
    expect(deny.Resource).toBe(BUCKET);
    expect(deny.Condition).toEqual({ ArnNotLike: { 'aws:PrincipalArn': [DEPLOY_ROLE] } });
  });

  it('keeps events/, edge/ and errors/ to the delivery role', () => {
    expect(bySid('OnlyWriterDelivery')).toMatchObject({
      Action: 's3:PutObject',
      Resource: [`${BUCKET}/events/*`, `${BUCKET}/edge/*`, `${BUCKET}/errors/*`],
      Condition: { ArnNotEquals: { 'aws:PrincipalArn': [DELIVERY_ROLE] } },
    });
  });

  it('lets nobody write under any other prefix', () => {
    const deny = bySid('NobodyWritesElsewhere');
    expect(deny).toMatchObject({
      Action: 's3:PutObject',
      NotResource: ['events', 'edge', 'errors', 'ledger'].map((prefix) => `${BUCKET}/${prefix}/*`),
    });
    expect(deny).not.toHaveProperty('Condition');
    expect(deny).not.toHaveProperty('Resource');
  });

  it('takes no object under another key, and any object without a header', () => {
    // Null: false says that the header is there. Without it a negated operator would deny what has no header.
    expect(bySid('OnlyTheTrailKey').Condition).toEqual({
      Null: { 's3:x-amz-server-side-encryption-aws-kms-key-id': 'false' },
      StringNotEquals: { 's3:x-amz-server-side-encryption-aws-kms-key-id': KEY },
    });
    expect(bySid('OnlyKmsEncryption').Condition).toEqual({
      Null: { 's3:x-amz-server-side-encryption': 'false' },
      StringNotEquals: { 's3:x-amz-server-side-encryption': 'aws:kms' },
    });
    expect(bySid('NoKeysOfClients').Condition).toEqual({
      Null: { 's3:x-amz-server-side-encryption-customer-algorithm': 'false' },
    });
  });
});

describe('the key', () => {
  const key = theResource(template, 'AWS::KMS::Key', 'TrailKey');
  const policy = statements(key.Properties.KeyPolicy);

  it('rotates and stays when the stack is deleted', () => {
    expect(key.Properties.EnableKeyRotation).toBe(true);
    expect(key.DeletionPolicy).toBe('Retain');
    expect(key.UpdateReplacePolicy).toBe('Retain');
  });

  it('can be deleted or disabled by nobody', () => {
    expect(policy).toContainEqual({
      Sid: 'NobodyTakesTheKeyAway',
      Effect: 'Deny',
      Principal: { AWS: '*' },
      Action: ['kms:DisableKey', 'kms:DisableKeyRotation', 'kms:ScheduleKeyDeletion'],
      Resource: '*',
    });
  });

  it('has a policy that only the role that deploys, and the root user, can change', () => {
    expect(policy).toContainEqual({
      Sid: 'OnlyDeployRolesChangeThisPolicy',
      Effect: 'Deny',
      Principal: { AWS: '*' },
      Action: 'kms:PutKeyPolicy',
      Resource: '*',
      Condition: {
        ArnNotLike: { 'aws:PrincipalArn': [DEPLOY_ROLE, 'arn:${AWS::Partition}:iam::${AWS::AccountId}:root'] },
      },
    });
  });

  it('allows nobody but what policies of the account allow', () => {
    expect(policy.filter(({ Effect }) => Effect === 'Allow').map(({ Principal }) => Principal)).toEqual([
      { AWS: 'arn:${AWS::Partition}:iam::${AWS::AccountId}:root' },
    ]);
  });
});

describe('the delivery role', () => {
  const role = theResource(template, 'AWS::IAM::Role', 'TrailDeliveryRole');

  it('may do what Firehose needs and no more', () => {
    const actions = roleStatements(role).flatMap(({ Action }) => asList(Action));
    expect(actions.sort()).toEqual([
      'glue:GetTable',
      'glue:GetTableVersion',
      'glue:GetTableVersions',
      'kms:Decrypt',
      'kms:GenerateDataKey',
      'logs:PutLogEvents',
      's3:AbortMultipartUpload',
      's3:GetBucketLocation',
      's3:GetObject',
      's3:ListBucket',
      's3:ListBucketMultipartUploads',
      's3:PutObject',
    ]);
  });

  it('may do it on the resources of the trail only', () => {
    const wildcards = roleStatements(role)
      .flatMap(({ Resource }) => asList(Resource))
      .filter((resource) => String(resource).includes('*'));
    expect(wildcards).toEqual([`${BUCKET}/events/*`, `${BUCKET}/edge/*`, `${BUCKET}/errors/*`]);
  });

  it('has no policy but its own', () => {
    expect(role.Properties).not.toHaveProperty('ManagedPolicyArns');
    expect(resources(template, 'AWS::IAM::Policy')).toEqual([]);
  });

  it('can be assumed by Firehose for this account only', () => {
    expect(statements(role.Properties.AssumeRolePolicyDocument)).toEqual([
      {
        Effect: 'Allow',
        Action: 'sts:AssumeRole',
        Principal: { Service: 'firehose.amazonaws.com' },
        Condition: { StringEquals: { 'sts:ExternalId': '${AWS::AccountId}' } },
      },
    ]);
  });
});

describe('the delivery stream', () => {
  const { Properties: properties } = theResource(template, 'AWS::KinesisFirehose::DeliveryStream');
  const destination = properties.ExtendedS3DestinationConfiguration;

  it('takes direct puts and encrypts what it holds under the key of the trail', () => {
    expect(properties.DeliveryStreamType).toBe('DirectPut');
    expect(flat(properties.DeliveryStreamEncryptionConfigurationInput)).toEqual({
      KeyType: 'CUSTOMER_MANAGED_CMK',
      KeyARN: KEY,
    });
    expect(flat(destination.EncryptionConfiguration)).toEqual({ KMSEncryptionConfig: { AWSKMSKeyARN: KEY } });
  });

  it('writes Parquet with Snappy by the columns of the Glue table', () => {
    const conversion = destination.DataFormatConversionConfiguration;
    expect(conversion).toMatchObject({
      Enabled: true,
      InputFormatConfiguration: { Deserializer: { OpenXJsonSerDe: {} } },
      OutputFormatConfiguration: { Serializer: { ParquetSerDe: { Compression: 'SNAPPY' } } },
    });
    expect(flat(conversion.SchemaConfiguration.TableName)).toBe(
      `\${${idOf('TrailCatalogRawTable', 'AWS::Glue::Table')}}`,
    );
    expect(destination).not.toHaveProperty('CompressionFormat');
  });

  it('delivers after 60 s or 64 MiB under the keys of the design', () => {
    expect(destination.BufferingHints).toEqual({ IntervalInSeconds: 60, SizeInMBs: 64 });
    expect(destination.DynamicPartitioningConfiguration).toEqual({ Enabled: true });
    expect(destination.Prefix).toBe('events/dt=!{partitionKeyFromQuery:dt}/hour=!{partitionKeyFromQuery:hour}/');
    expect(destination.ErrorOutputPrefix).toBe(
      'errors/!{firehose:error-output-type}/dt=!{timestamp:yyyy-MM-dd}/hour=!{timestamp:HH}/',
    );
  });

  it('takes dt and hour from the time of the event, by a query that jq 1.6 can read', () => {
    const [processor] = destination.ProcessingConfiguration.Processors;
    const parameters = Object.fromEntries(
      processor.Parameters.map((parameter: Record<string, string>) => [
        parameter.ParameterName,
        parameter.ParameterValue,
      ]),
    );
    expect(processor.Type).toBe('MetadataExtraction');
    expect(parameters.JsonParsingEngine).toBe('JQ-1.6');
    expect(parameters.MetadataExtractionQuery).toBe(
      '{"dt":(.time/1000|floor|strftime("%Y-%m-%d")),"hour":(.time/1000|floor|strftime("%H"))}',
    );
    // Where there is no jq, the text above is what once ran.
    if (!isInstalled('jq')) return;
    const input = JSON.stringify({ time: Date.UTC(2026, 0, 2, 3, 4, 5, 678) });
    const output = execFileSync('jq', ['-c', parameters.MetadataExtractionQuery], { input, encoding: 'utf8' });
    expect(JSON.parse(output)).toEqual({ dt: '2026-01-02', hour: '03' });
  });

  it('stays with its role when nobody wants it any more, since it may hold what it has not delivered', () => {
    for (const [type, id] of [
      ['AWS::KinesisFirehose::DeliveryStream', 'TrailEvents0'],
      ['AWS::IAM::Role', 'TrailDeliveryRole'],
    ] as const) {
      const kept = theResource(template, type, id);
      expect([kept.DeletionPolicy, kept.UpdateReplacePolicy]).toEqual(['Retain', 'Retain']);
    }
  });

  it('logs what it cannot deliver', () => {
    expect(destination.CloudWatchLoggingOptions.Enabled).toBe(true);
  });
});

describe('options', () => {
  const synth = (props: ConstructorParameters<typeof AuditTrail>[2]) => {
    const other = newStack();
    new AuditTrail(other, 'Trail', props);
    return Template.fromStack(other);
  };

  it('sets another retention', () => {
    const { Properties } = theResource(synth({ retention: Duration.days(1) }), 'AWS::S3::Bucket', 'TrailLocked');
    expect(Properties.ObjectLockConfiguration.Rule.DefaultRetention.Days).toBe(1);
  });

  it('lets other roles deploy', () => {
    const other = synth({ deployRoleArns: ['arn:aws:iam::123456789012:role/ci-*'] });
    const policy = statements(theResource(other, 'AWS::S3::BucketPolicy', 'TrailLocked').Properties.PolicyDocument);
    expect(policy.find(({ Sid }) => Sid === 'OnlyDeployRolesChangeSettings')?.Condition).toEqual({
      ArnNotLike: { 'aws:PrincipalArn': ['arn:aws:iam::123456789012:role/ci-*'] },
    });
  });

  it.each([
    [{ retention: Duration.hours(12) }, 'Trail: retention: must be whole days, 1 to 36500; got 0.5 days'],
    [{ retention: Duration.days(36_501) }, 'Trail: retention: must be whole days, 1 to 36500; got 36501 days'],
    [{ bufferingInterval: Duration.seconds(59) }, 'Trail: bufferingInterval: must be whole seconds, 60 to 900; got 59'],
    [
      { bufferingInterval: Duration.minutes(16) },
      'Trail: bufferingInterval: must be whole seconds, 60 to 900; got 960',
    ],
  ])('refuses %j', (props, message) => {
    expect(() => synth(props)).toThrow(message);
  });

  it('warns that the lock cannot be undone', () => {
    Annotations.fromStack(stack).hasWarning('/ShopAudit/Trail', Match.stringLikeRegexp('locked for 365 days.*nobody'));
  });
});

describe('grants', () => {
  it('let a reader read and nothing else', () => {
    const other = newStack();
    const granted = new AuditTrail(other, 'Trail');
    granted.grantRead(new iam.Role(other, 'Reader', { assumedBy: new iam.AccountRootPrincipal() }));
    const policyOf = (id: string) =>
      statements(theResource(Template.fromStack(other), 'AWS::IAM::Policy', id).Properties.PolicyDocument);
    for (const action of policyOf('Reader').flatMap(({ Action }) => Action)) {
      expect(action).toMatch(/^(s3:(Get|List)|kms:(Decrypt|DescribeKey)$)/);
    }
  });
});

function isInstalled(program: string): boolean {
  try {
    execFileSync(program, ['--version']);
    return true;
  } catch {
    return false;
  }
}
