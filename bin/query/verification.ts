import { EDGE_TABLE } from '../../lib/edge-log/columns';
import { column, duckdb as dialect } from '../../lib/event/sql/dialect';
import { verifySql, verifyTotalsSql } from '../../lib/event/sql/verify';
import type { LocalTrail, UnreadableObject } from './duckdb-queries';
import type { FindingCode } from './findings';
import type { QueryResult, QueryValue } from './queries';

/** One thing that is not as a truthful writer leaves it, and where it is. What is not known is null. */
export interface Finding {
  readonly code: FindingCode;
  /** Key of the object with the event. */
  readonly object: string | null;
  readonly dt: string | null;
  readonly hour: string | null;
  readonly chain_uid: string | null;
  readonly sequence: number | null;
  readonly uid: string | null;
  readonly detail: string;
}

export interface VerificationTotals {
  /** Objects that were read. */
  readonly objects: number;
  /** Different events. */
  readonly events: number;
  /** Further copies of events; allowed, since delivery is at least once. */
  readonly duplicates: number;
  readonly chains: number;
  /** Chains that their writer ended with a closing event. */
  readonly closed_chains: number;
  /** Chains that go on or whose writer was stopped without notice: whether their tail was cut cannot be told. */
  readonly open_chains: number;
}

export interface Verification {
  readonly totals: VerificationTotals;
  readonly findings: readonly Finding[];
}

/** Recomputes every fingerprint of a trail and checks every chain, over what is there now. */
export async function verifyTrail(trail: LocalTrail): Promise<Verification> {
  await trail.snapshot();
  const { events, unreadable } = await verifyEvents(trail);
  const misplaced = await trail.run(withObjects(misplacedSql()));
  const [totals] = records(await trail.run(verifyTotalsSql(dialect, RAW)));
  const [chains] = records(await trail.run(CLOSED_CHAINS_SQL));

  const number = (value: QueryValue | undefined) => Number(value ?? 0);
  return {
    totals: {
      objects: trail.objects().length,
      events: number(totals?.['events']),
      duplicates: number(totals?.['copies']),
      chains: number(totals?.['chains']),
      closed_chains: number(chains?.['closed']),
      open_chains: number(totals?.['chains']) - number(chains?.['closed']),
    },
    findings: [...unreadable.map(unreadableFinding), ...[events, misplaced].flatMap(records).map(finding)],
  };
}

/** What verifySql finds. Objects that cannot be read are left out and named, so that they hide nothing else. */
async function verifyEvents(
  trail: LocalTrail,
): Promise<{ events: QueryResult; unreadable: readonly UnreadableObject[] }> {
  // Fingerprints cover every column, so this decodes whatever the objects hold. The edge log has none: it is only read.
  const findings = async () => {
    await trail.run(`SELECT bit_xor(hash(r)) FROM ${EDGE_TABLE} AS r`);
    return trail.run(withObjects(verifySql(dialect, RAW)));
  };
  try {
    return { events: await findings(), unreadable: [] };
  } catch (error) {
    const unreadable = await trail.dropUnreadable();
    if (unreadable.length === 0) throw error;
    return { events: await findings(), unreadable };
  }
}

const RAW = 'audit_events_raw';
const CHAIN_UID = `${dialect.firstOf(column('attestation_list'))}."chain_uid"`;

/** Adds to each finding the keys of the objects in which its event lies. */
function withObjects(findingsSql: string): string {
  return `SELECT f."code", o."object", f."dt", f."hour", f."chain_uid", f."sequence", f."uid", f."detail"
FROM (${findingsSql}) AS f
LEFT JOIN (
  SELECT "uid", "dt", "hour", string_agg(DISTINCT "object", ', ' ORDER BY "object") AS "object"
  FROM audit_event_objects GROUP BY "uid", "dt", "hour"
) AS o
ON o."uid" IS NOT DISTINCT FROM f."uid" AND o."dt" = f."dt" AND o."hour" = f."hour"
ORDER BY f."chain_uid", f."sequence", f."code", f."uid", f."detail"`;
}

/** Events whose `time` is in another hour than their key says. */
function misplacedSql(): string {
  // A forged time that no calendar has must not stop the statement.
  const hour = `CASE WHEN ${column('time')} BETWEEN 0 AND 253402300799999
      THEN substr(CAST(${dialect.timestampOf(column('time'))} AS varchar), 1, 13) END`;
  return `SELECT DISTINCT 'MISPLACED_EVENT' AS "code", ${CHAIN_UID} AS "chain_uid", "metadata"."sequence" AS "sequence",
    "metadata"."uid" AS "uid", "dt", "hour", coalesce(
      'happened in hour ' || ${hour},
      'its time ' || CAST(${column('time')} AS varchar) || ' is no date',
      'has no time'
    ) AS "detail"
  FROM ${RAW}
  WHERE ${hour} IS DISTINCT FROM "dt" || ' ' || "hour"`;
}

const CLOSED_CHAINS_SQL = `SELECT count(*) AS "closed" FROM (
  SELECT ${CHAIN_UID} AS "chain_uid", max_by("unmapped"."phase", "metadata"."sequence") AS "last_phase"
  FROM ${RAW}
  GROUP BY 1
) AS c WHERE "chain_uid" IS NOT NULL AND "last_phase" = 'closing'`;

function records({ columns, rows }: QueryResult): Record<string, QueryValue>[] {
  return rows.map((row) => Object.fromEntries(columns.map((name, i) => [name, row[i] ?? null])));
}

function finding(record: Record<string, QueryValue>): Finding {
  return record as unknown as Finding;
}

function unreadableFinding({ key, reason }: UnreadableObject): Finding {
  const [, dt = null, hour = null] = /dt=([^/]*)\/hour=([^/]*)\//.exec(key) ?? [];
  return {
    code: 'OBJECT_UNREADABLE',
    object: key,
    dt,
    hour,
    chain_uid: null,
    sequence: null,
    uid: null,
    detail: reason,
  };
}
