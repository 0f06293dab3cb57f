import type { Finding, Notice } from '../finding';
import type { WorkRoom } from '../work/work-room';
import { FINDINGS, LINKS, RANKED } from './kept';

/** Events that writers named as unconfirmed and that are not there. */
const ABSENT = 'kept_absent';

/** Gaps of which every event was named: `first` to `last` are the places of their names in the order of their chain. */
const NAMED_GAPS = 'kept_named_gaps';

/** Gaps in chains, split by whether the writer itself told of them. */
export interface JudgedGaps {
  readonly findings: readonly Finding[];
  readonly notices: readonly Notice[];
}

/**
 * Tells gaps that a writer named (`unmapped.unconfirmed`) from others. What no sink took is named by the writer's next
 * events, in the order of the chain, until one that does is durable.
 *
 * @param found what no gap is passes through
 */
export async function judgeGaps(room: WorkRoom, found: readonly Finding[]): Promise<JudgedGaps> {
  await room.run(`CREATE TABLE ${ABSENT} AS ${ABSENT_SQL}`);
  await room.run(`CREATE TABLE ${NAMED_GAPS} AS ${NAMED_GAPS_SQL}`);
  if (!found.some(isGap)) return { findings: found, notices: [] };
  const gaps = await room.rows(`SELECT "chain_uid", "sequence" FROM ${NAMED_GAPS}`);
  const named = new Set(gaps.map((row) => `${row['chain_uid']} ${row['sequence']}`));
  const isNamed = (finding: Finding) => isGap(finding) && named.has(`${finding.chain_uid} ${finding.sequence}`);
  return {
    findings: found.filter((finding) => !isNamed(finding)),
    notices: found.filter(isNamed).map((finding): Notice => ({ ...finding, code: 'UNCONFIRMED' })),
  };
}

function isGap({ code }: Finding): boolean {
  return code === 'CHAIN_GAP' || code === 'CHAIN_START_MISSING';
}

/**
 * The requests of events that are missing in a named gap: of these, and of no others, the writer itself said that they may
 * have no event. A name counts for the gap of its own chain that it belongs to, and for as many events as are missing there.
 * Call it after `judgeGaps`.
 */
export async function requestsOfNamedGaps(room: WorkRoom): Promise<ReadonlySet<string>> {
  const rows = await room.rows(`SELECT DISTINCT a."extended_request_id" AS "id"
    FROM ${ABSENT} AS a JOIN ${NAMED_GAPS} AS g
    ON a."chain_uid" = g."chain_uid" AND a."place" BETWEEN g."first" AND g."last"
    WHERE a."extended_request_id" IS NOT NULL`);
  return new Set(rows.map(({ id }) => String(id)));
}

/** By chain, in the order in which they were named. */
const ABSENT_SQL = `WITH "names" AS (
  SELECT "chain_uid", "sequence", unnest("unconfirmed") AS "name", generate_subscripts("unconfirmed", 1) AS "place"
  FROM ${LINKS}
  WHERE "unconfirmed" IS NOT NULL
)
SELECT
  "chain_uid",
  "name"."uid" AS "uid",
  "name"."fingerprint" AS "fingerprint",
  arg_min("name"."extended_request_id", "sequence") AS "extended_request_id",
  min("sequence") AS "named_by",
  row_number() OVER (PARTITION BY "chain_uid" ORDER BY min("sequence"), arg_min("place", "sequence")) AS "place"
FROM "names" AS n
WHERE NOT EXISTS (SELECT 1 FROM ${LINKS} AS l WHERE l."uid" = n."name"."uid")
GROUP BY "chain_uid", "name"."uid", "name"."fingerprint"`;

/**
 * Gaps of which every event is named: the last missing one (which the event after the gap names as its predecessor) is
 * among the names, and so many before it that belong to no earlier gap.
 */
const NAMED_GAPS_SQL = `WITH "found" AS (
  SELECT "chain_uid", "sequence",
    CAST(replace("detail", 'missing: ', '') AS bigint) AS "missing"
  FROM ${FINDINGS}
  WHERE "code" IN ('CHAIN_GAP', 'CHAIN_START_MISSING')
),
"gaps" AS (
  SELECT DISTINCT f."chain_uid", f."sequence", f."missing", r."prev_uid", r."prev_fingerprint"
  FROM "found" AS f JOIN ${RANKED} AS r ON r."chain_uid" = f."chain_uid" AND r."sequence" = f."sequence"
),
"ended" AS (
  SELECT g."chain_uid", g."sequence", g."missing", a."place"
  FROM "gaps" AS g
  LEFT JOIN ${ABSENT} AS a
  ON a."chain_uid" = g."chain_uid" AND a."uid" = g."prev_uid" AND a."fingerprint" = g."prev_fingerprint"
    AND a."named_by" >= g."sequence"
)
SELECT "chain_uid", "sequence", "place" - "missing" + 1 AS "first", "place" AS "last"
FROM (
  SELECT *, coalesce(max("place") OVER (
    PARTITION BY "chain_uid" ORDER BY "sequence" ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
  ), 0) AS "taken"
  FROM "ended"
) AS e
WHERE "place" - "taken" >= "missing"`;
