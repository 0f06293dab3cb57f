import { Aws } from 'aws-cdk-lib';
import * as glue from 'aws-cdk-lib/aws-glue';
import type { Construct } from 'constructs';

export interface AthenaViewProps {
  readonly name: string;
  readonly description: string;
  readonly database: glue.CfnDatabase;
  /** The database's name; known at synth, since it stands in the encoded text. */
  readonly databaseName: string;
  /** One SELECT in Athena's SQL. */
  readonly sql: string;
  readonly columns: readonly AthenaViewColumn[];
}

export interface AthenaViewColumn {
  readonly name: string;
  readonly prestoType: string;
  readonly hiveType: string;
  readonly meaning: string;
}

/**
 * A view as Athena itself keeps it in Glue: the statement and its columns as JSON in base64, inside a comment. The columns
 * stand twice, in Trino's types for Athena and in Hive's for the catalog.
 */
export function athenaView(scope: Construct, id: string, props: AthenaViewProps): glue.CfnTable {
  const definition = {
    originalSql: props.sql,
    catalog: 'awsdatacatalog',
    schema: props.databaseName,
    columns: props.columns.map(({ name, prestoType }) => ({ name, type: prestoType })),
  };
  const encoded = Buffer.from(JSON.stringify(definition)).toString('base64');
  return new glue.CfnTable(scope, id, {
    catalogId: Aws.ACCOUNT_ID,
    databaseName: props.database.ref,
    tableInput: {
      name: props.name,
      description: props.description,
      tableType: 'VIRTUAL_VIEW',
      parameters: { presto_view: 'true', comment: 'Presto View' },
      partitionKeys: [],
      storageDescriptor: {
        columns: props.columns.map(({ name, hiveType, meaning }) => ({ name, type: hiveType, comment: meaning })),
        serdeInfo: {},
      },
      viewOriginalText: `/* Presto View: ${encoded} */`,
      viewExpandedText: '/* Presto View */',
    },
  });
}
