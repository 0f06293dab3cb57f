import { Aws } from 'aws-cdk-lib';
import * as glue from 'aws-cdk-lib/aws-glue';
import type * as s3 from 'aws-cdk-lib/aws-s3';
import type { Construct } from 'constructs';
import { EDGE_TABLE, edgeGlueColumns } from '../edge-log/columns';
import { glueColumns } from '../event/glue';
import { EDGE_PREFIX, EVENTS_PREFIX, FALLBACK_PREFIX } from '../event/keys';

/** Name of the table with the nested events that the delivery streams brought. */
export const RAW_TABLE = 'audit_events_raw';

/** Name of the table with the nested events that took the fallback. */
export const FALLBACK_TABLE = 'audit_events_fallback_raw';

/** No event is older than the software. */
const FIRST_DAY = '2026-01-01';

/** How the objects of a table are written. */
interface Format {
  readonly inputFormat: string;
  readonly outputFormat: string;
  readonly serializationLibrary: string;
  readonly parameters: Readonly<Record<string, string>>;
}

const PARQUET: Format = {
  inputFormat: 'org.apache.hadoop.hive.ql.io.parquet.MapredParquetInputFormat',
  outputFormat: 'org.apache.hadoop.hive.ql.io.parquet.MapredParquetOutputFormat',
  serializationLibrary: 'org.apache.hadoop.hive.ql.io.parquet.serde.ParquetHiveSerDe',
  parameters: { classification: 'parquet', 'parquet.compression': 'SNAPPY' },
};

/**
 * One event a line. Of Athena's two readers of JSON this is the one whose results AWS calls deterministic.
 *
 * @see https://docs.aws.amazon.com/athena/latest/ug/openx-json-serde.html
 */
const JSON_LINES: Format = {
  inputFormat: 'org.apache.hadoop.mapred.TextInputFormat',
  outputFormat: 'org.apache.hadoop.hive.ql.io.HiveIgnoreKeyTextOutputFormat',
  serializationLibrary: 'org.apache.hive.hcatalog.data.JsonSerDe',
  parameters: { classification: 'json' },
};

interface TableProps {
  readonly name: string;
  readonly description: string;
  readonly columns: glue.CfnTable.ColumnProperty[];
  /** Of the keys of its objects. */
  readonly prefix: string;
  readonly format: Format;
}

/** The table of nested events, as the delivery streams write them. */
export function rawTable(scope: Construct, id: string, database: glue.CfnDatabase, bucket: s3.IBucket): glue.CfnTable {
  return partitionedTable(scope, id, database, bucket, {
    name: RAW_TABLE,
    description: 'Audit events as they were written, nested (OCSF API Activity)',
    columns: glueColumns(),
    prefix: EVENTS_PREFIX,
    format: PARQUET,
  });
}

/** The table of nested events that took the fallback: the same columns over JSON. */
export function fallbackTable(
  scope: Construct,
  id: string,
  database: glue.CfnDatabase,
  bucket: s3.IBucket,
): glue.CfnTable {
  return partitionedTable(scope, id, database, bucket, {
    name: FALLBACK_TABLE,
    description: 'Audit events that were written to the bucket directly, nested; the view audit_events shows both',
    columns: glueColumns(),
    prefix: FALLBACK_PREFIX,
    format: JSON_LINES,
  });
}

/** The table of the edge log's records. */
export function edgeTable(scope: Construct, id: string, database: glue.CfnDatabase, bucket: s3.IBucket): glue.CfnTable {
  return partitionedTable(scope, id, database, bucket, {
    name: EDGE_TABLE,
    description: 'The access log of API Gateway as it was written: what it tells of each request, as text',
    columns: edgeGlueColumns(),
    prefix: EDGE_PREFIX,
    format: PARQUET,
  });
}

/**
 * A table over objects by dt and hour. Its partitions are computed from the query (partition projection), so no crawler
 * runs and a new hour can be queried at once.
 *
 * @see https://docs.aws.amazon.com/athena/latest/ug/partition-projection.html
 */
function partitionedTable(
  scope: Construct,
  id: string,
  database: glue.CfnDatabase,
  bucket: s3.IBucket,
  { name, description, columns, prefix, format }: TableProps,
): glue.CfnTable {
  const location = `s3://${bucket.bucketName}/${prefix}`;
  const { inputFormat, outputFormat, serializationLibrary } = format;
  return new glue.CfnTable(scope, id, {
    catalogId: Aws.ACCOUNT_ID,
    databaseName: database.ref,
    tableInput: {
      name,
      description,
      tableType: 'EXTERNAL_TABLE',
      partitionKeys: [
        { name: 'dt', type: 'string', comment: 'Day of the request, UTC, YYYY-MM-DD' },
        { name: 'hour', type: 'string', comment: 'Hour of the request, UTC, 00 to 23' },
      ],
      storageDescriptor: { columns, location, inputFormat, outputFormat, serdeInfo: { serializationLibrary } },
      parameters: {
        EXTERNAL: 'TRUE',
        ...format.parameters,
        'projection.enabled': 'true',
        'projection.dt.type': 'date',
        'projection.dt.format': 'yyyy-MM-dd',
        // A day more than now, so that clocks that differ do not hide events at midnight.
        'projection.dt.range': `${FIRST_DAY},NOW+1DAYS`,
        'projection.dt.interval': '1',
        'projection.dt.interval.unit': 'DAYS',
        'projection.hour.type': 'integer',
        'projection.hour.range': '0,23',
        'projection.hour.digits': '2',
        'storage.location.template': `${location}dt=\${dt}/hour=\${hour}/`,
      },
    },
  });
}
