import { EDGE_TABLE } from '../../../lib/edge-log/columns';
import { column, duckdb as dialect } from '../../../lib/event/sql/dialect';
import { verifySql, verifyTotalsSql } from '../../../lib/event/sql/verify';
import type { LocalTrail, UnreadableObject } from '../../query/duckdb-queries';
import type { QueryResult, QueryValue } from '../../query/queries';
import { noted, type Finding, type Notice } from '../finding';
import { requestConflictsSql } from './conflicts';
import { withObjects } from './objects-of-events';
import { rowsOf } from './records';
import { CHAIN_UID, RAW_TABLE } from './tables';
import { judgeGaps } from './unconfirmed';

export interface EventTotals {
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

export interface EventsVerification {
  readonly totals: EventTotals;
  readonly findings: readonly Finding[];
  readonly notices: readonly Notice[];
}

/** Recomputes every fingerprint of a trail and checks every chain, over what is there now. */
export async function verifyEvents(trail: LocalTrail): Promise<EventsVerification> {
  await trail.snapshot();
  const { events, unreadable } = await findingsOf(trail);
  const misplaced = await trail.run(withObjects(misplacedSql()));
  const conflicts = await trail.run(withObjects(requestConflictsSql()));
  const [totals] = rowsOf(await trail.run(verifyTotalsSql(dialect, RAW_TABLE)));
  const [chains] = rowsOf(await trail.run(CLOSED_CHAINS_SQL));
  const { findings, notices } = await judgeGaps(trail, rowsOf(events) as unknown as Finding[]);

  const number = (value: QueryValue | undefined) => Number(value ?? 0);
  const open = number(totals?.['chains']) - number(chains?.['closed']);
  return {
    totals: {
      objects: trail.objects().length,
      events: number(totals?.['events']),
      duplicates: number(totals?.['copies']),
      chains: number(totals?.['chains']),
      closed_chains: number(chains?.['closed']),
      open_chains: open,
    },
    findings: [
      ...unreadable.map(({ key, reason }) => noted('OBJECT_UNREADABLE', reason, key)),
      ...findings,
      ...([misplaced, conflicts].flatMap(rowsOf) as unknown as Finding[]),
    ],
    notices: [
      ...(open > 0 ? [noted('OPEN_CHAIN', `${open} of ${number(totals?.['chains'])} chains`)] : []),
      ...notices,
    ],
  };
}

/** What verifySql finds. Objects that cannot be read are left out and named, so that they hide nothing else. */
async function findingsOf(
  trail: LocalTrail,
): Promise<{ events: QueryResult; unreadable: readonly UnreadableObject[] }> {
  // Fingerprints cover every column, so this decodes whatever the objects hold. The edge log has none: it is only read.
  const findings = async () => {
    await trail.run(`SELECT bit_xor(hash(r)) FROM ${EDGE_TABLE} AS r`);
    return trail.run(withObjects(verifySql(dialect, RAW_TABLE)));
  };
  try {
    return { events: await findings(), unreadable: [] };
  } catch (error) {
    const unreadable = await trail.dropUnreadable();
    if (unreadable.length === 0) throw error;
    return { events: await findings(), unreadable };
  }
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
  FROM ${RAW_TABLE}
  WHERE ${hour} IS DISTINCT FROM "dt" || ' ' || "hour"`;
}

const CLOSED_CHAINS_SQL = `SELECT count(*) AS "closed" FROM (
  SELECT ${CHAIN_UID} AS "chain_uid", max_by("unmapped"."phase", "metadata"."sequence") AS "last_phase"
  FROM ${RAW_TABLE}
  GROUP BY 1
) AS c WHERE "chain_uid" IS NOT NULL AND "last_phase" = 'closing'`;
