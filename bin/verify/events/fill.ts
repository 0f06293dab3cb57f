import { rm } from 'node:fs/promises';
import { edgeViewColumns, edgeRequestsSql } from '../../../lib/edge-log/sql/edge-requests';
import { edgeFields } from '../../../lib/edge-log/record';
import { duckdb, identifier, literal } from '../../../lib/event/sql/dialect';
import { edgeInParquet, eventsInParquet, gatheredEvents } from '../../query/raw-view';
import type { WorkRoom } from '../work/work-room';
import { EDGE, EDGE_RECORDS, eventColumnsSql, LINKS, OBJECTS } from './kept';
import { gatherLines } from './lines';

/** How an object that verifying looks into is written. */
export type Content = 'parquet' | 'lines' | 'edge';

/** An object whose bytes are in a file. */
export interface FiledObject {
  readonly id: number;
  readonly key: string;
  /** Path without `*`, `?`, `[` and `]`, which DuckDB reads as patterns. */
  readonly file: string;
}

/** Says of objects which they are, before they are filled in. */
export async function nameObjects(room: WorkRoom, objects: readonly FiledObject[]): Promise<void> {
  const rows = objects.map(({ id, key, file }) => {
    const [, dt = '', hour = ''] = /dt=([^/]*)\/hour=([^/]*)\/[^/]*$/.exec(key) ?? [];
    return `(${[String(id), ...[key, dt, hour, file].map(literal)].join(', ')})`;
  });
  await room.run(`INSERT INTO ${OBJECTS} VALUES ${rows.join(', ')}`);
}

const fields = edgeFields.map(([name]) => identifier(name)).join(', ');

/** Decodes objects of one kind and keeps what is in them. @throws Error if one cannot be decoded; nothing is kept then */
export async function fill(room: WorkRoom, content: Content, objects: readonly FiledObject[]): Promise<void> {
  const files = objects.map(({ file }) => file);
  if (content === 'edge') {
    const columns = edgeViewColumns.map(({ name }) => identifier(name)).join(', ');
    // The columns that the view leaves out are read as well: damage anywhere in an object is found, and any difference.
    await room.run(`INSERT INTO ${EDGE_RECORDS} SELECT "dt", "hour", nullif("extended_request_id", '-'), hash(${fields})
      FROM ${located(edgeInParquet(files))}`);
    await room.run(
      `INSERT INTO ${EDGE} SELECT ${columns} FROM (${edgeRequestsSql(duckdb, located(edgeInParquet(files)))})`,
    );
    return;
  }
  if (content === 'parquet') return fillLinks(room, located(eventsInParquet(files)));
  const gathered = room.scratch();
  try {
    await gatherLines(objects, gathered);
    await fillLinks(room, locatedLines(gatheredEvents(gathered)));
  } finally {
    await rm(gathered, { force: true });
  }
}

/** Fingerprints cover every column but their own, and that one is read too: this decodes whatever the objects hold. */
async function fillLinks(room: WorkRoom, rows: string): Promise<void> {
  await room.run(
    `INSERT INTO ${LINKS} SELECT ${eventColumnsSql(duckdb)} FROM ${rows} WHERE hash("attestation_list") IS NOT NULL`,
  );
}

/** Rows of files with the partition and the number of their object. */
function located(source: string): string {
  return `(SELECT s.*, o."dt", o."hour", o."id" AS "object_id"
    FROM ${source} AS s JOIN ${OBJECTS} AS o ON o."file" = s.filename) AS r`;
}

function locatedLines(source: string): string {
  return `(SELECT unnest(s."event"), o."dt", o."hour", o."id" AS "object_id"
    FROM ${source} AS s JOIN ${OBJECTS} AS o ON o."id" = s."object_id") AS r`;
}
