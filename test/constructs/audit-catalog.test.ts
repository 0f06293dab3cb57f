import { NestedStack, Size } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import * as iam from 'aws-cdk-lib/aws-iam';
import { TrinoSQL } from 'dt-sql-parser';
import { describe, expect, it } from 'vitest';
import { AuditTrail, type AuditCatalogOptions } from '../../lib';
import { edgeGlueColumns } from '../../lib/edge-log/columns';
import { edgeViewColumns } from '../../lib/edge-log/sql/edge-requests';
import { glueColumns } from '../../lib/event/glue';
import { flatViewColumns } from '../../lib/event/sql/flat-view';
import { flat, newStack, resources, statements, theResource, type Statement } from './support';

function synth(props: AuditCatalogOptions = {}): Template {
  const stack = newStack();
  new AuditTrail(stack, 'Trail', props);
  return Template.fromStack(stack);
}

const template = synth();
const trino = new TrinoSQL();

describe('the table audit_events_raw', () => {
  const { TableInput: table, DatabaseName: database } = theResource(
    template,
    'AWS::Glue::Table',
    'TrailCatalogRawTable',
  ).Properties;

  it('has the columns of the event over Parquet', () => {
    expect(table.Name).toBe('audit_events_raw');
    expect(table.StorageDescriptor.Columns).toEqual(
      glueColumns().map(({ name, type, comment }) => ({ Name: name, Type: type, Comment: comment })),
    );
    expect(table.StorageDescriptor.SerdeInfo.SerializationLibrary).toMatch(/ParquetHiveSerDe$/);
    expect(flat(database)).toMatch(/^\$\{TrailCatalogDatabase/);
  });

  it('computes its partitions from the query', () => {
    expect(table.PartitionKeys.map(({ Name, Type }: Record<string, string>) => [Name, Type])).toEqual([
      ['dt', 'string'],
      ['hour', 'string'],
    ]);
    const location = expect.stringMatching(/^s3:\/\/\$\{TrailLocked\w+\}\/events\/$/);
    expect(flat(table.StorageDescriptor.Location)).toEqual(location);
    expect(flat(table.Parameters)).toMatchObject({
      'projection.enabled': 'true',
      'projection.dt.type': 'date',
      'projection.dt.format': 'yyyy-MM-dd',
      'projection.dt.range': '2026-01-01,NOW+1DAYS',
      'projection.dt.interval': '1',
      'projection.dt.interval.unit': 'DAYS',
      'projection.hour.type': 'integer',
      'projection.hour.range': '0,23',
      'projection.hour.digits': '2',
      'storage.location.template': expect.stringMatching(
        /^s3:\/\/\$\{TrailLocked\w+\}\/events\/dt=\$\{dt\}\/hour=\$\{hour\}\/$/,
      ),
    });
  });
});

describe('the table audit_events_fallback_raw', () => {
  const { TableInput: table } = theResource(template, 'AWS::Glue::Table', 'TrailCatalogFallbackTable').Properties;

  it('has the columns of the event over JSON, one event a line, and the same partitions', () => {
    const raw = theResource(template, 'AWS::Glue::Table', 'TrailCatalogRawTable').Properties.TableInput;
    expect(table.Name).toBe('audit_events_fallback_raw');
    expect(table.StorageDescriptor.Columns).toEqual(raw.StorageDescriptor.Columns);
    expect(table.PartitionKeys).toEqual(raw.PartitionKeys);
    expect(table.StorageDescriptor.SerdeInfo.SerializationLibrary).toBe('org.apache.hive.hcatalog.data.JsonSerDe');
    expect(table.StorageDescriptor.InputFormat).toBe('org.apache.hadoop.mapred.TextInputFormat');
    expect(flat(table.Parameters)).toMatchObject({
      classification: 'json',
      'projection.enabled': 'true',
      'storage.location.template': expect.stringMatching(/\/fallback\/dt=\$\{dt\}\/hour=\$\{hour\}\/$/),
    });
  });
});

describe('the table edge_requests_raw', () => {
  const { TableInput: table } = theResource(template, 'AWS::Glue::Table', 'TrailCatalogEdgeTable').Properties;

  it('has the columns of the edge record over Parquet, and the same partitions', () => {
    expect(table.Name).toBe('edge_requests_raw');
    expect(table.StorageDescriptor.Columns).toEqual(
      edgeGlueColumns().map(({ name, type, comment }) => ({ Name: name, Type: type, Comment: comment })),
    );
    expect(table.StorageDescriptor.SerdeInfo.SerializationLibrary).toMatch(/ParquetHiveSerDe$/);
    expect(flat(table.Parameters)).toMatchObject({
      'projection.enabled': 'true',
      'storage.location.template': expect.stringMatching(/\/edge\/dt=\$\{dt\}\/hour=\$\{hour\}\/$/),
    });
  });
});

interface View {
  readonly Name: string;
  readonly StorageDescriptor: { readonly Columns: { readonly Name: string; readonly Type: string }[] };
  readonly ViewOriginalText: string;
}

/** What Athena reads out of a view's comment. */
function definitionOf(view: View): { originalSql: string; columns: { name: string; type: string }[] } {
  const [, encoded = ''] = /^\/\* Presto View: (\S+) \*\/$/.exec(view.ViewOriginalText) ?? [];
  return JSON.parse(Buffer.from(encoded, 'base64').toString('utf8'));
}

describe('the views', () => {
  const views = resources(template, 'AWS::Glue::Table')
    .map(({ Properties }) => Properties.TableInput)
    .filter(({ TableType }) => TableType === 'VIRTUAL_VIEW') as View[];

  it('are these', () => {
    expect(views.map(({ Name }) => Name).sort()).toEqual([
      'audit_events',
      'edge_requests',
      'not_invoked_requests',
      'refused_requests',
      'unaudited_requests',
      'unwitnessed_events',
    ]);
  });

  it.each(views.map((view) => [view.Name, view] as const))(
    '%s: Trino can read it, and Glue is told the same',
    (_, view) => {
      const { originalSql, columns } = definitionOf(view);
      expect(trino.validate(originalSql)).toEqual([]);
      expect(Buffer.byteLength(originalSql)).toBeLessThan(262_144 / 2);
      const hive: Record<string, string> = { varchar: 'string', bigint: 'bigint', 'timestamp(3)': 'timestamp' };
      expect(view.StorageDescriptor.Columns.map(({ Name, Type }) => [Name, Type])).toEqual(
        columns.map(({ name, type }) => [name, hive[type]]),
      );
    },
  );

  it('read events from both tables, and requests from the edge log', () => {
    for (const view of views) {
      const { originalSql } = definitionOf(view);
      const read = [...originalSql.matchAll(/"shop_audit"\."(\w+)"/g)].map(([, table]) => table);
      const events = ['audit_events_raw', 'audit_events_fallback_raw'];
      if (view.Name === 'audit_events') expect(read).toEqual(events);
      else if (view.Name === 'edge_requests') expect(read).toEqual(['edge_requests_raw']);
      else expect([...read].sort()).toEqual(['edge_requests', ...events].sort());
    }
  });
});

describe('the view audit_events', () => {
  const { TableInput: view } = theResource(template, 'AWS::Glue::Table', 'TrailCatalogEventsView').Properties;
  const [, encoded = ''] = /^\/\* Presto View: (\S+) \*\/$/.exec(view.ViewOriginalText) ?? [];
  const definition = JSON.parse(Buffer.from(encoded, 'base64').toString('utf8'));

  it('is a view as Athena keeps it', () => {
    expect(view).toMatchObject({
      Name: 'audit_events',
      TableType: 'VIRTUAL_VIEW',
      Parameters: { presto_view: 'true' },
      ViewExpandedText: '/* Presto View */',
    });
    expect(definition).toMatchObject({ catalog: 'awsdatacatalog', schema: 'shop_audit' });
  });

  it('has a text that Trino can read, over the raw table', () => {
    expect(trino.validate(definition.originalSql)).toEqual([]);
    expect(definition.originalSql).toContain('"shop_audit"."audit_events_raw"');
  });

  it('names its columns in Trino’s types for Athena and in Hive’s for the catalog', () => {
    expect(definition.columns).toEqual(flatViewColumns.map(({ name, prestoType }) => ({ name, type: prestoType })));
    expect(
      view.StorageDescriptor.Columns.map(({ Name, Type }: Record<string, string>) => ({ name: Name, type: Type })),
    ).toEqual(flatViewColumns.map(({ name, hiveType }) => ({ name, type: hiveType })));
  });
});

describe('the workgroup', () => {
  const { Properties: properties } = theResource(template, 'AWS::Athena::WorkGroup');
  const configuration = properties.WorkGroupConfiguration;

  it('enforces its settings', () => {
    expect(properties.Name).toBe('shop-audit');
    expect(configuration.EnforceWorkGroupConfiguration).toBe(true);
    expect(configuration.BytesScannedCutoffPerQuery).toBe(100 * 1024 ** 3);
  });

  it('encrypts results under the operational key, since whoever queries writes them', () => {
    expect(flat(configuration.ResultConfiguration)).toEqual({
      OutputLocation: expect.stringMatching(/^s3:\/\/\$\{TrailCatalogResults\w+\}\/$/),
      ExpectedBucketOwner: '${AWS::AccountId}',
      EncryptionConfiguration: {
        EncryptionOption: 'SSE_KMS',
        KmsKey: expect.stringMatching(/^\$\{TrailOperationalKey\w+\.Arn\}$/),
      },
    });
  });

  it('keeps results for 30 days in a private bucket that logs who reads it', () => {
    const { Properties } = theResource(template, 'AWS::S3::Bucket', 'TrailCatalogResults');
    expect(Properties.LifecycleConfiguration.Rules[0]).toMatchObject({ ExpirationInDays: 30, Status: 'Enabled' });
    expect(Object.values(Properties.PublicAccessBlockConfiguration)).toEqual([true, true, true, true]);
    expect(Properties.BucketEncryption.ServerSideEncryptionConfiguration[0].BucketKeyEnabled).toBe(true);
    expect(Properties.LoggingConfiguration.LogFilePrefix).toBe('query-results/');
    const policy = statements(
      theResource(template, 'AWS::S3::BucketPolicy', 'TrailCatalogResults').Properties.PolicyDocument,
    );
    expect(policy.map(({ Condition }) => Condition)).toEqual([
      { Bool: { 'aws:SecureTransport': 'false' } },
      { NumericLessThan: { 's3:TlsVersion': 1.2 } },
    ]);
  });
});

describe('the saved queries', () => {
  const queries = resources(template, 'AWS::Athena::NamedQuery');
  const columns = [...flatViewColumns, ...edgeViewColumns].map(({ name }) => name);

  it('are there', () => {
    expect(queries.map(({ Properties }) => Properties.Name)).toEqual([
      'Who did what on a service',
      'What a caller did',
      'Refused requests',
      'Failures by service and hour',
      'Slowest operations',
      'Where callers come from',
      'Requests without a result',
      'One request',
      'Requests without an event',
      'Requests that the function never saw',
      'Requests refused at the edge',
    ]);
  });

  it.each(queries.map(({ Properties, DependsOn }) => [String(Properties.Name), Properties, DependsOn] as const))(
    '%s: Trino can read it, it reads columns of a view, and not the whole log',
    (_, { QueryString: sql, WorkGroup: workGroup, Database: database }, dependsOn) => {
      expect(trino.validate(sql)).toEqual([]);
      expect(sql).toMatch(
        /\nFROM (audit_events|\w+_requests)\nWHERE dt >= CAST\(current_date - INTERVAL '\d+' DAY AS varchar\)/,
      );
      const names = sql
        .replace(/'[^']*'/g, '')
        .replace(/ AS \w+/g, '')
        .match(/\b[a-z_0-9]+\b(?!\()/g);
      const tables = ['audit_events', 'unaudited_requests', 'not_invoked_requests', 'refused_requests'];
      const clock = ['current_date', 'localtimestamp'];
      const known = new Set([...columns, ...tables, ...clock, '7', '0', '5', '99', '100', '1000']);
      const aliases = new Set([...sql.matchAll(/ AS (\w+)/g)].map(([, alias]) => alias));
      expect((names ?? []).filter((name: string) => !known.has(name) && !aliases.has(name))).toEqual([]);
      expect(workGroup).toBe('shop-audit');
      expect(database).toBe('shop_audit');
      expect(dependsOn).toEqual([expect.stringMatching(/^TrailCatalogWorkGroup/)]);
    },
  );
});

describe('options', () => {
  it('name database and workgroup, and set the scan limit', () => {
    const named = synth({
      databaseName: 'audits',
      workGroupName: 'Auditors',
      scanLimit: Size.gibibytes(1),
    });
    expect(theResource(named, 'AWS::Glue::Database').Properties.DatabaseInput.Name).toBe('audits');
    expect(theResource(named, 'AWS::Athena::WorkGroup').Properties).toMatchObject({
      Name: 'Auditors',
      WorkGroupConfiguration: { BytesScannedCutoffPerQuery: 1024 ** 3 },
    });
  });

  it('get names of their own in a nested stack, which learns its name too late', () => {
    const nested = new NestedStack(newStack(), 'Inner');
    const { catalog } = new AuditTrail(nested, 'Trail');
    expect(catalog.databaseName).toMatch(/^[a-z0-9_]+$/);
    expect(catalog.databaseName).toContain('inner');
    expect(catalog.workGroupName).toBe(catalog.databaseName.replaceAll('_', '-'));
  });

  it.each<[AuditCatalogOptions, string]>([
    [
      { databaseName: 'Audits' },
      'Trail/Catalog: databaseName: must be lower-case letters, digits and "_"; got "Audits"',
    ],
    [{ workGroupName: 'a b' }, 'Trail/Catalog: workGroupName: must be letters, digits, "_", "-" and "."; got "a b"'],
    [
      { scanLimit: Size.mebibytes(1) },
      'Trail/Catalog: scanLimit: must be at least 10 MB, as Athena asks for; got 1048576',
    ],
  ])('refuse %j', (props, message) => {
    expect(() => synth(props)).toThrow(message);
  });
});

describe('grantQuery', () => {
  const stack = newStack();
  const { catalog } = new AuditTrail(stack, 'Trail');
  catalog.grantQuery(new iam.Role(stack, 'Auditor', { assumedBy: new iam.AccountRootPrincipal() }));
  const policy = theResource(Template.fromStack(stack), 'AWS::IAM::Policy', 'Auditor').Properties.PolicyDocument;
  const allowed: Statement[] = statements(policy);

  it('lets an auditor read events, those of the fallback, and the edge log, and write results only', () => {
    const writing = allowed.filter(({ Action }) => [Action].flat().includes('s3:PutObject'));
    expect(writing.map(({ Resource }) => Resource)).toEqual([
      expect.stringMatching(/^\$\{TrailCatalogResults\w+\.Arn\}\/\*$/),
    ]);
    const reading = allowed.filter(({ Action }) => [Action].flat().includes('s3:GetObject'));
    expect(reading.map(({ Resource }) => Resource)).toContainEqual([
      expect.stringMatching(/^\$\{TrailLocked\w+\.Arn\}\/events\/\*$/),
      expect.stringMatching(/^\$\{TrailLocked\w+\.Arn\}\/fallback\/\*$/),
      expect.stringMatching(/^\$\{TrailLocked\w+\.Arn\}\/edge\/\*$/),
    ]);
  });

  it('lets the auditor use this workgroup and this database only', () => {
    expect(JSON.stringify(allowed)).not.toMatch(/"Resource":"\*"/);
    const athena = allowed.find(({ Action }) => [Action].flat().includes('athena:StartQueryExecution'));
    expect(athena?.Resource).toMatch(/:workgroup\/shop-audit$/);
  });
});
