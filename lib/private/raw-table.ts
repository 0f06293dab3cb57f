import { Aws } from 'aws-cdk-lib';
import * as glue from 'aws-cdk-lib/aws-glue';
import type * as s3 from 'aws-cdk-lib/aws-s3';
import type { Construct } from 'constructs';
import { EDGE_TABLE, edgeGlueColumns } from '../edge-log/columns';
import { glueColumns } from '../event/glue';
import { EDGE_PREFIX, EVENTS_PREFIX } from '../event/keys';

/** Name of the table with the nested events. */
export const RAW_TABLE = 'audit_events_raw';

/** No event is older than the software. */
const FIRST_DAY = '2026-01-01';

interface ParquetTableProps {
  readonly name: string;
  readonly description: string;
  readonly columns: glue.CfnTable.ColumnProperty[];
  /** Of the keys of its objects. */
  readonly prefix: string;
}

/** The table of nested events. */
export function rawTable(scope: Construct, id: string, database: glue.CfnDatabase, bucket: s3.IBucket): glue.CfnTable {
  return parquetTable(scope, id, database, bucket, {
    name: RAW_TABLE,
    description: 'Audit events as they were written, nested (OCSF API Activity)',
    columns: glueColumns(),
    prefix: EVENTS_PREFIX,
  });
}

/** The table of the edge log's records. */
export function edgeTable(scope: Construct, id: string, database: glue.CfnDatabase, bucket: s3.IBucket): glue.CfnTable {
  return parquetTable(scope, id, database, bucket, {
    name: EDGE_TABLE,
    description: 'The access log of API Gateway as it was written: what it tells of each request, as text',
    columns: edgeGlueColumns(),
    prefix: EDGE_PREFIX,
  });
}

/**
 * A table over Parquet objects, by dt and hour. Its partitions are computed from the query (partition projection),
 * so no crawler runs and a new hour can be queried at once.
 *
 * @see https://docs.aws.amazon.com/athena/latest/ug/partition-projection.html
 */
function parquetTable(
  scope: Construct,
  id: string,
  database: glue.CfnDatabase,
  bucket: s3.IBucket,
  { name, description, columns, prefix }: ParquetTableProps,
): glue.CfnTable {
  const location = `s3://${bucket.bucketName}/${prefix}`;
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
      storageDescriptor: {
        columns,
        location,
        inputFormat: 'org.apache.hadoop.hive.ql.io.parquet.MapredParquetInputFormat',
        outputFormat: 'org.apache.hadoop.hive.ql.io.parquet.MapredParquetOutputFormat',
        serdeInfo: { serializationLibrary: 'org.apache.hadoop.hive.ql.io.parquet.serde.ParquetHiveSerDe' },
      },
      parameters: {
        EXTERNAL: 'TRUE',
        classification: 'parquet',
        'parquet.compression': 'SNAPPY',
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
