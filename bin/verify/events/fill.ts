import { edgeViewColumns, edgeRequestsSql } from '../../../lib/edge-log/sql/edge-requests';
import { column, duckdb, identifier, literal, type Dialect } from '../../../lib/event/sql/dialect';
import { linksSql } from '../../../lib/event/sql/verify';
import { edgeInParquet, eventsInLines, eventsInParquet } from '../../query/raw-view';
import type { WorkRoom } from '../work/work-room';
import { EDGE, LINKS, OBJECTS } from './kept';

/** How an object that verifying looks into is written. */
export type Content = 'parquet' | 'lines' | 'edge';

/** An object whose bytes are in a file. */
export interface FiledObject {
  readonly id: number;
  readonly key: string;
  /** Path without `*`, `?`, `[` and `]`, which DuckDB reads as patterns. */
  readonly file: string;
}

/** What is kept of an event. */
export function eventColumnsSql(dialect: Dialect): string {
  return `${linksSql(dialect)},
    ${column('time')} AS "time",
    ${column('class_uid')} AS "class_uid",
    ${column('unmapped.phase')} AS "phase",
    ${column('unmapped.extended_request_id')} AS "extended_request_id",
    ${column('unmapped.unconfirmed')} AS "unconfirmed",
    "object_id"`;
}

/** Says of objects which they are, before they are filled in. */
export async function nameObjects(room: WorkRoom, objects: readonly FiledObject[]): Promise<void> {
  const rows = objects.map(({ id, key, file }) => {
    const [, dt = '', hour = ''] = /dt=([^/]*)\/hour=([^/]*)\/[^/]*$/.exec(key) ?? [];
    return `(${[String(id), ...[key, dt, hour, file].map(literal)].join(', ')})`;
  });
  await room.run(`INSERT INTO ${OBJECTS} VALUES ${rows.join(', ')}`);
}

/** Decodes objects of one kind and keeps what is in them. @throws Error if one cannot be decoded; nothing is kept then */
export async function fill(room: WorkRoom, content: Content, objects: readonly FiledObject[]): Promise<void> {
  const files = objects.map(({ file }) => file);
  if (content === 'edge') {
    const columns = edgeViewColumns.map(({ name }) => identifier(name)).join(', ');
    // The columns that the view leaves out are read as well: damage anywhere in an object is found.
    await room.run(`SELECT bit_xor(hash(r)) FROM ${edgeInParquet(files)} AS r`);
    await room.run(
      `INSERT INTO ${EDGE} SELECT ${columns} FROM (${edgeRequestsSql(duckdb, located(edgeInParquet(files)))})`,
    );
    return;
  }
  // Fingerprints cover every column but their own, and that one is read too: this decodes whatever the objects hold.
  const source = content === 'parquet' ? eventsInParquet(files) : eventsInLines(files);
  await room.run(
    `INSERT INTO ${LINKS} SELECT ${eventColumnsSql(duckdb)} FROM ${located(source)} WHERE hash("attestation_list") IS NOT NULL`,
  );
}

/** Rows of files with the partition and the number of their object. */
function located(source: string): string {
  return `(SELECT s.*, o."dt", o."hour", o."id" AS "object_id"
    FROM ${source} AS s JOIN ${OBJECTS} AS o ON o."file" = s.filename) AS r`;
}
