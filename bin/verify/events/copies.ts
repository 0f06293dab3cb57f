import { rankedLinksSql } from '../../../lib/event/sql/verify';
import { inParts } from '../work/in-parts';
import type { WorkRoom } from '../work/work-room';
import { LINKS, RANKED } from './kept';

/** Ids of which there is more than one row. */
const REPEATED = 'kept_repeated';
/** As many as 100 MiB hold with their rows. */
const IDS_IN_PART = 200_000;
/** Their rows, each once. */
const COPIES = 'kept_copies';
/** Ids of which there are different rows; an id that is absent is an id here. */
const CONFLICTING = 'kept_conflicting';
/** Their rows, ranked. */
const CONFLICTS = 'kept_conflicts';

/**
 * Makes `kept_ranked`: what `rankedLinksSql` gives of all links. Most events are there once or as copies that say the same;
 * only those that differ, of which a truthful trail has none, go through its windows.
 */
export async function rankLinks(room: WorkRoom): Promise<void> {
  // Semi and anti joins, written so, can work on disk; IN cannot, and all of a trail may be there twice.
  const of = (ids: string) => `JOIN ${ids} AS i ON i."id" = hash(l."uid")`;
  await room.run(repeatedSql(REPEATED, LINKS));
  await copyRepeated(room, of);
  await room.run(repeatedSql(CONFLICTING, COPIES));
  await room.run(
    `CREATE TABLE ${CONFLICTS} AS ${rankedLinksSql(`(SELECT * FROM ${COPIES} AS l SEMI ${of(CONFLICTING)}) AS c`)}`,
  );
  await room.run(`CREATE VIEW ${RANKED} AS
    ${aloneSql(`(SELECT * EXCLUDE ("object_id") FROM ${LINKS} AS l ANTI ${of(REPEATED)})`)}
    UNION ALL ${aloneSql(`(SELECT * FROM ${COPIES} AS l ANTI ${of(CONFLICTING)})`)}
    UNION ALL SELECT * FROM ${CONFLICTS}`);
}

async function copyRepeated(room: WorkRoom, of: (ids: string) => string): Promise<void> {
  await room.run(`CREATE TABLE ${COPIES} AS SELECT * EXCLUDE ("object_id") FROM ${LINKS} WHERE false`);
  const rows = await room.count(REPEATED);
  await inParts(room, { rows, perPart: IDS_IN_PART }, (isIn) => {
    const ids = `(SELECT "id" FROM ${REPEATED} WHERE ${isIn('"id"')})`;
    return `INSERT INTO ${COPIES} SELECT DISTINCT * EXCLUDE ("object_id") FROM ${LINKS} AS l SEMI ${of(ids)}`;
  });
}

/** Ids by their hash, which is short: that two may share one does no harm, they are looked at more closely. */
function repeatedSql(table: string, links: string): string {
  return `CREATE TABLE ${table} AS SELECT hash("uid") AS "id" FROM ${links} GROUP BY 1 HAVING count(*) > 1`;
}

/** What `rankedLinksSql` says of a row that is the only one of its uid. */
function aloneSql(links: string): string {
  return `SELECT *, "recorded" AS "lowest", "recorded" AS "highest", true AS "in_chain" FROM ${links} AS a`;
}
