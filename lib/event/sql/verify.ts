import { fingerprintSql } from './canonical';
import { column, literal, type Dialect } from './dialect';

/**
 * What a verification of fingerprints and chains can find.
 *
 * | code | meaning |
 * | --- | --- |
 * | FINGERPRINT_MISMATCH | the event is not what was sealed: its fingerprint, recomputed, differs from the recorded one |
 * | UID_CONFLICT | two events carry the same uid and different fingerprints |
 * | CHAIN_START_MISSING | the first event of the chain that is there is not event 0 |
 * | CHAIN_GAP | the events right before this one are missing |
 * | CHAIN_FORK | two events claim the same place of a chain |
 * | CHAIN_BROKEN | the event names another predecessor than the one that lies before it |
 */
export const FINDING_CODES = [
  'FINGERPRINT_MISMATCH',
  'UID_CONFLICT',
  'CHAIN_START_MISSING',
  'CHAIN_GAP',
  'CHAIN_FORK',
  'CHAIN_BROKEN',
] as const;

export type FindingCode = (typeof FINDING_CODES)[number];

/** The condition under which a judged row bears a finding, as the SQL of its detail (NULL where it does not). */
const FINDINGS: Readonly<Record<FindingCode, string>> = {
  FINGERPRINT_MISMATCH: `CASE WHEN "recorded" IS DISTINCT FROM "recomputed"
    THEN 'recorded ' || coalesce("recorded", 'none') || ', recomputed ' || coalesce("recomputed", 'none') END`,
  UID_CONFLICT: `CASE WHEN "lowest" <> "highest" THEN 'fingerprints ' || "lowest" || ' and ' || "highest" END`,
  CHAIN_START_MISSING: `CASE WHEN "in_chain" AND "sequence" > 0 AND "before_sequence" IS NULL
    THEN 'missing: ' || CAST("sequence" AS varchar) END`,
  CHAIN_GAP: `CASE WHEN "in_chain" AND "before_sequence" < "sequence" - 1
    THEN 'missing: ' || CAST("sequence" - "before_sequence" - 1 AS varchar) END`,
  CHAIN_FORK: `CASE WHEN "in_chain" AND "at_place" > 1 THEN 'events here: ' || CAST("at_place" AS varchar) END`,
  CHAIN_BROKEN: `CASE WHEN NOT "in_chain" THEN NULL
    WHEN "sequence" = 0 AND "prev_uid" IS NOT NULL THEN 'is the first and names a previous event ' || "prev_uid"
    WHEN "sequence" > 0 AND "prev_uid" IS NULL THEN 'names no previous event'
    WHEN "before_sequence" = "sequence" - 1 AND NOT "linked" THEN 'names previous event ' || "prev_uid" END`,
};

/**
 * One statement that recomputes every fingerprint and checks every chain of a table, in one scan.
 *
 * Columns: code (see FINDING_CODES), chain_uid, sequence, uid, dt, hour, detail; no rows mean that all is well. Copies of
 * an event count once. A chain is checked over what `rawTable` shows: where that is a part of the log, chains that
 * began earlier show as CHAIN_START_MISSING, and the caller must know better.
 *
 * @param rawTable the table with the nested events, as it is written in SQL.
 */
export function verifySql(dialect: Dialect, rawTable: string): string {
  return `WITH "events" AS (
  SELECT DISTINCT
${linksSql(dialect)}
  FROM ${rawTable}
),
"ranked" AS (
${rankedLinksSql('"events"')}
)
SELECT "code", "chain_uid", "sequence", "uid", "dt", "hour", "detail"
FROM (
${linkFindingsSql(dialect, '"ranked"')}
) AS f
ORDER BY "chain_uid", "sequence", "code", "uid", "detail"`;
}

/**
 * The columns of all that a verification needs of an event: its place in its chain, and its fingerprints. `verifySql`
 * does everything in one statement; where memory is short, keep these in a table (about 150 bytes an event), and go on
 * with parts of it.
 */
export function linksSql(dialect: Dialect): string {
  return `${linkColumns(dialect)},
    ${fingerprintSql(dialect)} AS "recomputed",
    "dt",
    "hour"`;
}

/**
 * The links with what other events of the same uid say. Of those one is in the chain.
 *
 * @param links rows of `linksSql`, each once; all of a uid
 */
export function rankedLinksSql(links: string): string {
  return `  SELECT
    *,
    min("recorded") OVER (PARTITION BY "uid") AS "lowest",
    max("recorded") OVER (PARTITION BY "uid") AS "highest",
    row_number() OVER (
      PARTITION BY "uid"
      ORDER BY CASE WHEN "recorded" = "recomputed" THEN 0 ELSE 1 END, "recorded", "recomputed", "dt", "hour"
    ) = 1 AS "in_chain"
  FROM ${links}`;
}

/**
 * What is found of ranked links. Columns: code, chain_uid, sequence, uid, dt, hour, detail.
 *
 * @param ranked rows of `rankedLinksSql`; of a chain all, or at least those at the places right before
 */
export function linkFindingsSql(dialect: Dialect, ranked: string): string {
  const linked = dialect.contains('"before"', `"prev_uid" || ' ' || "prev_fingerprint"`);
  const cases = FINDING_CODES.map((code) => `  WHEN ${literal(code)} THEN ${FINDINGS[code]}`);
  return `WITH "placed" AS (
  SELECT
    *,
    count(*) OVER (PARTITION BY "chain_uid", "in_chain", "sequence") AS "at_place",
    max("sequence") OVER (
      PARTITION BY "chain_uid", "in_chain" ORDER BY "sequence" RANGE BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
    ) AS "before_sequence",
    array_agg("uid" || ' ' || "recorded") OVER (
      PARTITION BY "chain_uid", "in_chain" ORDER BY "sequence" RANGE BETWEEN 1 PRECEDING AND 1 PRECEDING
    ) AS "before"
  FROM ${ranked}
),
"judged" AS (
  SELECT *, coalesce(${linked}, false) AS "linked" FROM "placed"
),
"findings" AS (
  SELECT "code", "chain_uid", "sequence", "uid", "dt", "hour", CASE "code"
${cases.join('\n')}
  END AS "detail"
  FROM "judged" CROSS JOIN (VALUES ${FINDING_CODES.map((code) => `(${literal(code)})`).join(', ')}) AS "codes" ("code")
)
SELECT "code", "chain_uid", "sequence", "uid", "dt", "hour", "detail"
FROM "findings"
WHERE "detail" IS NOT NULL`;
}

/**
 * One statement that says what was looked at, one row: events (copies counted once), copies (rows that repeat an event),
 * chains.
 */
export function verifyTotalsSql(dialect: Dialect, rawTable: string): string {
  return `WITH "events" AS (
  SELECT
${linkColumns(dialect)}
  FROM ${rawTable}
)
SELECT
  count(DISTINCT "uid" || ' ' || "recorded") AS "events",
  count(*) - count(DISTINCT "uid" || ' ' || "recorded") AS "copies",
  count(DISTINCT "chain_uid") AS "chains"
FROM "events"`;
}

/** What the links of a chain are made of. */
function linkColumns(dialect: Dialect): string {
  const attestation = dialect.firstOf(column('attestation_list'));
  return `    ${attestation}."chain_uid" AS "chain_uid",
    ${column('metadata.sequence')} AS "sequence",
    ${column('metadata.uid')} AS "uid",
    ${attestation}."prev_event"."uid" AS "prev_uid",
    ${attestation}."prev_event"."fingerprint"."value" AS "prev_fingerprint",
    ${attestation}."fingerprint"."value" AS "recorded"`;
}
