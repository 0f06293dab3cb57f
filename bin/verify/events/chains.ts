import { duckdb as dialect } from '../../../lib/event/sql/dialect';
import { linkFindingsSql } from '../../../lib/event/sql/verify';
import { inParts } from '../work/in-parts';
import type { WorkRoom } from '../work/work-room';
import { FINDINGS, LINKS, RANKED } from './kept';

/**
 * Places in chains that are not as they should be (`is_suspect`), and the places after the last event before a gap or at
 * the end of a chain.
 */
const PLACES = 'kept_places';
/** Events whose places fit into memory: some 40 bytes each. */
const LINKS_IN_PART = 4_000_000;
/** The rows that must be judged, and those right before them. */
const JUDGED = 'kept_judged';

/**
 * Makes `kept_findings` with what `linkFindingsSql` finds of all links.
 *
 * Its windows would need a whole chain in memory, and one writer can fill a trail. So each place of a chain is first asked
 * whether one event is there and names the one before it: that is a GROUP BY over numbers. Only rows for which it is not so
 * go through the windows.
 */
export async function judgeChains(room: WorkRoom): Promise<void> {
  await room.run(`CREATE TABLE ${PLACES} AS ${placesSql(() => 'false')}`);
  const rows = await room.count(LINKS);
  await inParts(room, { rows, perPart: LINKS_IN_PART }, (isIn) => `INSERT INTO ${PLACES} ${placesSql(isIn)}`);
  await room.run(`CREATE TABLE ${JUDGED} AS SELECT r.* FROM ${RANKED} AS r WHERE ${MUST_BE_JUDGED}`);
  // Of a row that only lies before one, nobody looked at the row before.
  await room.run(`CREATE TABLE ${FINDINGS} AS SELECT f.* FROM (${linkFindingsSql(dialect, JUDGED)}) AS f
    WHERE f."code" NOT LIKE 'CHAIN%' OR (hash(f."chain_uid"), f."sequence") IN (${SUSPECTS_SQL})`);
}

/**
 * An event offers its fingerprint and id to the place after it, and claims those of the event before it at its own. Chains
 * and ids go by their hash: where two share one, the place is suspect, and looked at closely. Of fingerprints 128 bits
 * count, which nobody can make another event fit; what is no fingerprint is suspect.
 */
function placesSql(isIn: (value: string) => string): string {
  const [place, next] = ['CAST("sequence" AS hugeint)', 'CAST("sequence" AS hugeint) + 1'];
  return `SELECT "chain", "place",
  count(*) FILTER ("offers") AS "offered",
  count(*) FILTER (NOT "offers") AS "claimed",
  count(*) FILTER ("offers") > 1 OR (count(*) FILTER (NOT "offers") > 0 AND NOT coalesce(
    bool_and("is_whole") AND count(*) FILTER ("offers") = 1
      AND min("fingerprint") = max("fingerprint") AND min("id") = max("id"), false)
  ) AS "is_suspect"
FROM (
  SELECT hash("chain_uid") AS "chain", ${next} AS "place", true AS "offers", hash("uid") AS "id",
    TRY_CAST(substr("recorded", 1, 32) AS uuid) AS "fingerprint", TRY_CAST(substr("recorded", 1, 32) AS uuid) IS NOT NULL AS "is_whole"
  FROM ${RANKED} WHERE "in_chain" AND ${isIn(next)}
  UNION ALL
  SELECT hash("chain_uid"), ${place}, false, hash("prev_uid"),
    TRY_CAST(substr("prev_fingerprint", 1, 32) AS uuid), TRY_CAST(substr("prev_fingerprint", 1, 32) AS uuid) IS NOT NULL
  FROM ${RANKED} WHERE "in_chain" AND ${isIn(place)} AND NOT ("sequence" = 0 AND "prev_uid" IS NULL)
) AS p
GROUP BY "chain", "place"
HAVING "is_suspect" OR "claimed" = 0`;
}

/** Where more than one event offers, they share the place before: they are suspect themselves, and so is what follows. */
const SUSPECTS_SQL = `SELECT "chain", "place" FROM ${PLACES} WHERE "is_suspect"
  UNION SELECT "chain", "place" - 1 FROM ${PLACES} WHERE "offered" > 1`;

/** The last place with an event before each suspect one. */
const BEFORE_SQL = `SELECT "chain", "before" - 1 FROM (
    SELECT "chain", "is_suspect", max(CASE WHEN "offered" > 0 THEN "place" END) OVER (
      PARTITION BY "chain" ORDER BY "place" ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW
    ) AS "before"
    FROM ${PLACES}
  ) AS b WHERE "is_suspect"`;

const MUST_BE_JUDGED = `r."recorded" IS DISTINCT FROM r."recomputed" OR r."lowest" <> r."highest"
  OR (hash(r."chain_uid"), r."sequence") IN (
    ${SUSPECTS_SQL}
    UNION ${BEFORE_SQL}
    UNION SELECT "chain", "place" - 1 FROM (${SUSPECTS_SQL}) AS s
  )`;
