import { string, struct, type StructField } from '../event/field';
import { identifier } from '../event/sql/dialect';
import { edgeFields } from './record';

/** Name of the table with the records as they were written. */
export const EDGE_TABLE = 'edge_requests_raw';

/** The record as a struct, for what works on any declared table. */
export const edgeRecordStruct: StructField = struct(
  'What API Gateway’s access log tells of one request.',
  Object.fromEntries(edgeFields.map(([name, { meaning }]) => [name, string(meaning)])),
);

/** A column of the Glue table `edge_requests_raw`. */
export interface EdgeGlueColumn {
  readonly name: string;
  readonly type: 'string';
  readonly comment: string;
}

/** The record's columns in order, without the partition columns dt and hour. */
export function edgeGlueColumns(): EdgeGlueColumn[] {
  return edgeFields.map(([name, { meaning }]) => ({ name, type: 'string', comment: meaning }));
}

/** A column of the table `edge_requests_raw`, in DuckDB's words. */
export interface EdgeDuckdbColumn {
  readonly name: string;
  readonly type: 'VARCHAR';
}

/** The record's columns in order, without the partition columns dt and hour. */
export function edgeDuckdbColumns(): EdgeDuckdbColumn[] {
  return edgeFields.map(([name]) => ({ name, type: 'VARCHAR' }));
}

/** A query without rows that has the columns of `edge_requests_raw`, partition columns included. */
export function edgeEmptyTableSql(): string {
  const names = [...edgeFields.map(([name]) => name), 'dt', 'hour'];
  return `SELECT ${names.map((name) => `CAST(NULL AS VARCHAR) AS ${identifier(name)}`).join(', ')} WHERE false`;
}
