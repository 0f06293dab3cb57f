import { App, Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { AwsSolutionsChecks } from 'cdk-nag';
import { execFileSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { AccessProxy, ApiType, AuditTrail } from '../../lib';
import { accessLogFormat } from '../../lib/edge-log/access-log-format';
import { edgeGlueColumns } from '../../lib/edge-log/columns';
import { flat, idOf, newStack, resources, ROUTE, roleStatements, statements, theResource } from './support';

const STREAM = 'AWS::KinesisFirehose::DeliveryStream';

function synth(...apiTypes: ApiType[]) {
  const stack = newStack();
  const trail = new AuditTrail(stack, 'Trail');
  const accesses = apiTypes.map(
    (apiType, index) => new AccessProxy(stack, `Access${index}`, { routes: [ROUTE], apiType, trail }),
  );
  return { stack, trail, accesses, template: Template.fromStack(stack) };
}

const { template: rest, accesses: restAccesses } = synth(ApiType.REST);
const { template: http, accesses: httpAccesses } = synth(ApiType.HTTP);

interface Processor {
  readonly Type: string;
  readonly Parameters?: { readonly ParameterName: string; readonly ParameterValue: string }[];
}

function streamOf(template: Template, idPrefix = 'TrailEdge') {
  const { Properties, DeletionPolicy } = theResource(template, STREAM, idPrefix);
  const destination = Properties.ExtendedS3DestinationConfiguration;
  return { Properties, DeletionPolicy, destination, processors: destination.ProcessingConfiguration.Processors };
}

function parameter(processors: Processor[], type: string, name: string): string | undefined {
  return processors.find(({ Type }) => Type === type)?.Parameters?.find(({ ParameterName }) => ParameterName === name)
    ?.ParameterValue;
}

describe.each([
  ['a REST API', rest],
  ['an HTTP API', http],
])('the edge log of %s', (_, template) => {
  const { Properties, DeletionPolicy, destination, processors } = streamOf(template);

  it('comes as Parquet by the columns of its table, under edge/ and the hour of the request', () => {
    expect(destination.Prefix).toBe('edge/dt=!{partitionKeyFromQuery:dt}/hour=!{partitionKeyFromQuery:hour}/');
    const table = idOf(template, 'AWS::Glue::Table', 'TrailCatalogEdgeTable');
    expect(flat(destination.DataFormatConversionConfiguration.SchemaConfiguration.TableName)).toBe(`\${${table}}`);
    const { TableInput } = theResource(template, 'AWS::Glue::Table', 'TrailCatalogEdgeTable').Properties;
    expect(TableInput.Name).toBe('edge_requests_raw');
    expect(TableInput.StorageDescriptor.Columns).toEqual(
      edgeGlueColumns().map(({ name, type, comment }) => ({ Name: name, Type: type, Comment: comment })),
    );
    expect(flat(TableInput.Parameters['storage.location.template'])).toMatch(
      /^s3:\/\/\$\{TrailLocked\w+\}\/edge\/dt=\$\{dt\}\/hour=\$\{hour\}\/$/,
    );
  });

  it('keeps what it cannot convert apart from audit events', () => {
    expect(destination.ErrorOutputPrefix).toBe(
      'errors/edge/!{firehose:error-output-type}/dt=!{timestamp:yyyy-MM-dd}/hour=!{timestamp:HH}/',
    );
  });

  it('is partitioned by a time in a string, by a query that jq 1.6 can read', () => {
    const query = parameter(processors, 'MetadataExtraction', 'MetadataExtractionQuery') ?? '';
    expect(query).toBe(
      '{"dt":(.request_time_epoch|tonumber/1000|floor|strftime("%Y-%m-%d")),' +
        '"hour":(.request_time_epoch|tonumber/1000|floor|strftime("%H"))}',
    );
    // Where there is no jq, the text above is what once ran.
    if (!isInstalled('jq')) return;
    const input = JSON.stringify({ request_time_epoch: String(Date.UTC(2026, 0, 2, 3, 4, 5, 678)) });
    const output = execFileSync('jq', ['-c', query], { input, encoding: 'utf8' });
    expect(JSON.parse(output)).toEqual({ dt: '2026-01-02', hour: '03' });
  });

  it('is encrypted with the key of the trail where it comes to rest, and its stream stays', () => {
    const key = `\${${idOf(template, 'AWS::KMS::Key', 'TrailKey')}.Arn}`;
    expect(flat(destination.EncryptionConfiguration)).toEqual({ KMSEncryptionConfig: { AWSKMSKeyARN: key } });
    expect(DeletionPolicy).toBe('Retain');
  });

  it('is delivered by the only role that writes edge/', () => {
    const role = `\${${idOf(template, 'AWS::IAM::Role', 'TrailDeliveryRole')}.Arn}`;
    expect(flat(destination.RoleARN)).toBe(role);
    const policy = theResource(template, 'AWS::S3::BucketPolicy', 'TrailLocked').Properties.PolicyDocument;
    const deny = statements(policy).find(({ Sid }) => Sid === 'OnlyWriterDelivery');
    expect(deny?.Resource).toContainEqual(expect.stringMatching(/\/edge\/\*$/));
    expect(deny?.Condition).toEqual({ ArnNotEquals: { 'aws:PrincipalArn': [role] } });
    const readTables = roleStatements(theResource(template, 'AWS::IAM::Role', 'TrailDeliveryRole')).find(({ Action }) =>
      [Action].flat().includes('glue:GetTable'),
    );
    const table = idOf(template, 'AWS::Glue::Table', 'TrailCatalogEdgeTable');
    expect(JSON.stringify(readTables?.Resource)).toContain(`/\${${table}}`);
  });

  it('has a stream with a name that API Gateway writes to, and that no earlier stack has left behind', () => {
    const [prefix, suffix] = Properties.DeliveryStreamName['Fn::Join'][1];
    expect(prefix).toMatch(/^amazon-apigateway-ShopAudit\w+-(rest|http)api-$/);
    expect(suffix).toEqual({
      'Fn::Select': [
        0,
        {
          'Fn::Split': ['-', { 'Fn::Select': [2, { 'Fn::Split': ['/', { Ref: 'AWS::StackId' }] }] }],
        },
      ],
    });
    expect(prefix.length + '12345678'.length).toBeLessThanOrEqual(64);
  });
});

describe('a REST API', () => {
  it('logs straight into the stream, and into no log group beside it', () => {
    const { DestinationArn, Format } = theResource(rest, 'AWS::ApiGateway::Stage').Properties.AccessLogSetting;
    expect(flat(DestinationArn)).toBe(`\${${idOf(rest, STREAM, 'TrailEdgeRest')}.Arn}`);
    expect(JSON.parse(Format)).toEqual(accessLogFormat('restApi'));
    expect(restAccesses[0]?.accessLogGroup).toBeUndefined();
    rest.resourceCountIs('AWS::Logs::SubscriptionFilter', 0);
  });

  it('needs no key for that, since its service-linked role may use none', () => {
    expect(streamOf(rest).Properties.DeliveryStreamEncryptionConfigurationInput).toEqual({ KeyType: 'AWS_OWNED_CMK' });
  });

  it('writes one JSON object a record', () => {
    expect(streamOf(rest).processors.map(({ Type }: Processor) => Type)).toEqual(['MetadataExtraction']);
  });
});

describe('an HTTP API', () => {
  const stream = `\${${idOf(http, STREAM, 'TrailEdgeHttp')}.Arn}`;
  const logGroup = idOf(http, 'AWS::Logs::LogGroup', 'Access0AccessLog');

  it('logs into its log group, every line of which goes on to the stream', () => {
    const { DestinationArn, Format } = theResource(http, 'AWS::ApiGatewayV2::Stage').Properties.AccessLogSettings;
    expect(JSON.stringify(DestinationArn)).toContain(logGroup);
    expect(JSON.parse(Format)).toEqual(accessLogFormat('httpApi'));
    expect(httpAccesses[0]?.accessLogGroup).toBeDefined();
    expect(flat(theResource(http, 'AWS::Logs::SubscriptionFilter').Properties)).toEqual({
      LogGroupName: `\${${logGroup}}`,
      DestinationArn: stream,
      FilterPattern: '',
      RoleArn: `\${${idOf(http, 'AWS::IAM::Role', 'Access0EdgeLog')}.Arn}`,
    });
  });

  it('lets CloudWatch Logs of this account put records under the key of the trail, and nothing else', () => {
    const role = theResource(http, 'AWS::IAM::Role', 'Access0EdgeLog');
    expect(statements(role.Properties.AssumeRolePolicyDocument)).toEqual([
      {
        Effect: 'Allow',
        Action: 'sts:AssumeRole',
        Principal: { Service: 'logs.amazonaws.com' },
        Condition: {
          StringLike: { 'aws:SourceArn': 'arn:${AWS::Partition}:logs:${AWS::Region}:${AWS::AccountId}:*' },
        },
      },
    ]);
    const key = `\${${idOf(http, 'AWS::KMS::Key', 'TrailKey')}.Arn}`;
    expect(roleStatements(role)).toEqual([
      { Effect: 'Allow', Action: ['firehose:PutRecord', 'firehose:PutRecordBatch'], Resource: stream },
      { Effect: 'Allow', Action: ['kms:Decrypt', 'kms:GenerateDataKey'], Resource: key },
    ]);
    expect(flat(streamOf(http).Properties.DeliveryStreamEncryptionConfigurationInput)).toEqual({
      KeyType: 'CUSTOMER_MANAGED_CMK',
      KeyARN: key,
    });
  });

  it('gets its lines unpacked before they are partitioned', () => {
    const { processors } = streamOf(http);
    expect(processors.map(({ Type }: Processor) => Type)).toEqual([
      'Decompression',
      'CloudWatchLogProcessing',
      'RecordDeAggregation',
      'MetadataExtraction',
    ]);
    expect(parameter(processors, 'Decompression', 'CompressionFormat')).toBe('GZIP');
    expect(parameter(processors, 'CloudWatchLogProcessing', 'DataMessageExtraction')).toBe('true');
    expect(parameter(processors, 'RecordDeAggregation', 'SubRecordType')).toBe('JSON');
  });
});

describe('several proxies on one trail', () => {
  const { template, trail } = synth(ApiType.REST, ApiType.HTTP, ApiType.REST, ApiType.HTTP);

  it('share the stream of their kind, since one that unpacks takes nothing else', () => {
    expect(resources(template, STREAM, 'TrailEdge')).toHaveLength(2);
    expect(trail.edgeDeliveryStreams).toHaveLength(2);
    const stages = resources(template, 'AWS::ApiGateway::Stage');
    expect(new Set(stages.map(({ Properties }) => flat(Properties.AccessLogSetting.DestinationArn))).size).toBe(1);
    const filters = resources(template, 'AWS::Logs::SubscriptionFilter');
    expect(new Set(filters.map(({ Properties }) => flat(Properties.DestinationArn))).size).toBe(1);
    expect(new Set(filters.map(({ Properties }) => flat(Properties.LogGroupName))).size).toBe(2);
  });

  it('have none for a kind that nobody has', () => {
    expect(synth(ApiType.HTTP).trail.edgeDeliveryStreams).toHaveLength(1);
    expect(synth().trail.edgeDeliveryStreams).toEqual([]);
  });
});

describe('a proxy in another stack than its trail', () => {
  it.each([ApiType.REST, ApiType.HTTP])('logs into the stream of the trail (%s), clean by cdk-nag', (apiType) => {
    const app = new App();
    const trail = new AuditTrail(new Stack(app, 'Trails'), 'Trail');
    const stack = new Stack(app, 'Proxies');
    new AccessProxy(stack, 'Access', { routes: [ROUTE], apiType, trail });
    const imported = JSON.stringify(Template.fromStack(stack).toJSON());
    // Afterwards, since references from stack to stack are made by synthesis.
    expect(new AwsSolutionsChecks().validateScope(app).violations.map(({ ruleName }) => ruleName)).toEqual([]);
    expect(imported).toMatch(/"Fn::ImportValue":"Trails:ExportsOutputFnGetAttTrailEdge(Rest|Http)Stream\w+Arn/);
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
