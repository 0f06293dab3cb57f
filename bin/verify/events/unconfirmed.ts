import { column, duckdb as dialect } from '../../../lib/event/sql/dialect';
import type { LocalTrail } from '../../query/duckdb-queries';
import type { Finding, Notice } from '../finding';
import { RAW_TABLE } from './tables';
import { rowsOf } from './records';

/** Gaps in chains, split by whether the writer itself told of them. */
export interface JudgedGaps {
  readonly findings: readonly Finding[];
  readonly notices: readonly Notice[];
}

/**
 * Tells gaps that a writer named (`unmapped.unconfirmed`) from others. What no sink took is named by the writer's next
 * events, in the order of the chain, until one that does is durable.
 *
 * @param findings of a verification; what is no gap passes through
 */
export async function judgeGaps(trail: LocalTrail, findings: readonly Finding[]): Promise<JudgedGaps> {
  if (!findings.some(isGap)) return { findings, notices: [] };
  const named = new Set(rowsOf(await trail.run(NAMED_GAPS_SQL)).map((row) => `${row['chain_uid']} ${row['sequence']}`));
  const isNamed = (finding: Finding) => isGap(finding) && named.has(`${finding.chain_uid} ${finding.sequence}`);
  return {
    findings: findings.filter((finding) => !isNamed(finding)),
    notices: findings.filter(isNamed).map((finding): Notice => ({ ...finding, code: 'UNCONFIRMED' })),
  };
}

function isGap({ code }: Finding): boolean {
  return code === 'CHAIN_GAP' || code === 'CHAIN_START_MISSING';
}

/** How many events that their writers named are not in the trail. */
export async function countUnconfirmed(trail: LocalTrail): Promise<number> {
  const [row] = rowsOf(await trail.run(`${WITH_ABSENT}\nSELECT count(*) AS "absent" FROM "absent"`));
  return Number(row?.['absent'] ?? 0);
}

const ATTESTATION = dialect.firstOf(column('attestation_list'));

/** `absent`: events that are named and not there, by chain, in the order in which they were named. */
const WITH_ABSENT = `WITH "links" AS (
  SELECT DISTINCT
    ${ATTESTATION}."chain_uid" AS "chain_uid",
    ${column('metadata.sequence')} AS "sequence",
    ${column('metadata.uid')} AS "uid",
    ${ATTESTATION}."prev_event"."uid" AS "prev_uid",
    ${ATTESTATION}."prev_event"."fingerprint"."value" AS "prev_fingerprint"
  FROM ${RAW_TABLE}
),
"names" AS (
  SELECT
    ${ATTESTATION}."chain_uid" AS "chain_uid",
    ${column('metadata.sequence')} AS "sequence",
    unnest(${column('unmapped.unconfirmed')}) AS "name",
    generate_subscripts(${column('unmapped.unconfirmed')}, 1) AS "place"
  FROM ${RAW_TABLE}
  WHERE ${column('unmapped.unconfirmed')} IS NOT NULL
),
"absent" AS (
  SELECT
    "chain_uid",
    "name"."uid" AS "uid",
    "name"."fingerprint" AS "fingerprint",
    min("sequence") AS "named_by",
    row_number() OVER (PARTITION BY "chain_uid" ORDER BY min("sequence"), arg_min("place", "sequence")) AS "place"
  FROM "names"
  WHERE "name"."uid" NOT IN (SELECT "uid" FROM "links" WHERE "uid" IS NOT NULL)
  GROUP BY "chain_uid", "name"."uid", "name"."fingerprint"
)`;

/**
 * Gaps of which every event is named: the last missing one (which the event after the gap names as its predecessor) is
 * among the names, and so many before it that belong to no earlier gap.
 */
const NAMED_GAPS_SQL = `${WITH_ABSENT},
"gaps" AS (
  SELECT "chain_uid", "sequence", "prev_uid", "prev_fingerprint", "sequence" - 1 - coalesce(max("sequence") OVER (
    PARTITION BY "chain_uid" ORDER BY "sequence" RANGE BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
  ), -1) AS "missing"
  FROM "links"
),
"ended" AS (
  SELECT g."chain_uid", g."sequence", g."missing", a."place"
  FROM "gaps" AS g
  LEFT JOIN "absent" AS a
  ON a."chain_uid" = g."chain_uid" AND a."uid" = g."prev_uid" AND a."fingerprint" = g."prev_fingerprint"
    AND a."named_by" >= g."sequence"
  WHERE g."missing" > 0
)
SELECT "chain_uid", "sequence"
FROM (
  SELECT *, coalesce(max("place") OVER (
    PARTITION BY "chain_uid" ORDER BY "sequence" ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
  ), 0) AS "taken"
  FROM "ended"
) AS e
WHERE "place" - "taken" >= "missing"`;
