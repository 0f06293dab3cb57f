import type { Finding } from '../finding';
import type { WorkRoom } from '../work/work-room';
import { FINDINGS, RANKED } from './kept';
import type { Window } from './window';

/** An event bears the time of its request, and is written when that is answered: at most as much later as a function runs. */
const LONGEST_REQUEST_MS = 15 * 60_000;

/**
 * Findings without those that the border of the window explains: where not all hours were looked at, or objects were
 * disposed of after their retention, a chain's first events and the events of a gap may lie there.
 *
 * @returns what stays, and how many chains and gaps end at the border
 */
export async function atBorders(
  room: WorkRoom,
  window: Window,
  findings: readonly Finding[],
): Promise<{ readonly findings: readonly Finding[]; readonly borders: number }> {
  if (window.hasNoBorder) return { findings, borders: 0 };
  const gaps = new Map(
    (await room.rows(GAPS_SQL)).map((row) => [`${row['chain_uid']} ${row['sequence']}`, row] as const),
  );
  const isBorder = ({ code, chain_uid, sequence, dt, hour }: Finding) => {
    if (code === 'CHAIN_START_MISSING') return !window.isWhole || window.isDisposedUpTo(dt, hour);
    if (code !== 'CHAIN_GAP') return false;
    const gap = gaps.get(`${chain_uid} ${sequence}`);
    const times = [Number(gap?.['before']), Number(gap?.['after'])];
    return !window.spans(Math.min(...times) - LONGEST_REQUEST_MS, Math.max(...times));
  };
  const kept = findings.filter((finding) => !isBorder(finding));
  return { findings: kept, borders: findings.length - kept.length };
}

/** When the events on both sides of a gap happened. */
const GAPS_SQL = `SELECT g."chain_uid", g."sequence",
  max(r."time") FILTER (r."sequence" = g."sequence") AS "after",
  max_by(r."time", r."sequence") FILTER (r."sequence" < g."sequence") AS "before"
FROM (SELECT DISTINCT "chain_uid", "sequence" FROM ${FINDINGS} WHERE "code" = 'CHAIN_GAP') AS g
JOIN ${RANKED} AS r ON r."chain_uid" = g."chain_uid" AND r."sequence" <= g."sequence"
GROUP BY 1, 2`;
