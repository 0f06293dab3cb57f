import { noted, type Finding, type Notice } from '../finding';
import type { WorkRoom } from '../work/work-room';
import { atBorders } from './borders';
import { judgeChains } from './chains';
import { CONFLICTS_SQL, CORRELATIONS_SQL, HALVES_SQL, INVALID_SQL, NAMES_SQL } from './conflicts';
import { rankLinks } from './copies';
import type { Intake } from './intake';
import { FINDINGS, LINKS, RANKED } from './kept';
import { MISPLACED_SQL, tooLateSql } from './misplaced';
import { withObjects } from './objects-of-events';
import { judgeGaps } from './unconfirmed';
import type { Window } from './window';

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

export interface EventsCheck {
  readonly room: WorkRoom;
  /** Has taken in all objects of the window. */
  readonly intake: Intake;
  readonly window: Window;
  /** No event can be later than this, epoch milliseconds. @default any time is taken */
  readonly latest?: number;
  /** Told after each step. */
  progress(done: number): void;
}

/** Steps that `progress` is told of. */
export const EVENT_STEPS = 5;

/** Compares the fingerprint of every event that was taken in with the recorded one, and checks every chain. */
export async function verifyEvents({
  room,
  intake,
  window,
  latest,
  progress,
}: EventsCheck): Promise<EventsVerification> {
  await room.endDecoding();
  await rankLinks(room);
  progress(1);
  await judgeChains(room);
  progress(2);
  await room.run(`INSERT INTO ${FINDINGS} ${MISPLACED_SQL}`);
  if (latest !== undefined) await room.run(`INSERT INTO ${FINDINGS} ${tooLateSql(latest)}`);
  for (const sql of [CONFLICTS_SQL, CORRELATIONS_SQL, HALVES_SQL, NAMES_SQL, INVALID_SQL]) {
    await room.run(`INSERT INTO ${FINDINGS} ${sql}`);
  }
  progress(3);
  const judged = (await room.rows(withObjects(`SELECT * FROM ${FINDINGS}`))) as unknown as Finding[];
  const found = [...judged, ...notNamed(intake.invalid, judged)];
  const inside = await atBorders(room, window, found);
  const { findings, notices } = await judgeGaps(room, inside.findings);
  progress(4);
  const totals = await totalsOf(room, intake);
  progress(EVENT_STEPS);
  const open = totals.open_chains;
  return {
    totals,
    findings: [...sorted(intake.unreadable), ...findings],
    notices: [
      ...(open > 0 ? [noted('OPEN_CHAIN', `${open} of ${totals.chains} chains`)] : []),
      ...(inside.borders > 0 ? [noted('CHAIN_BORDER', `places: ${inside.borders}`)] : []),
      ...notices,
    ],
  };
}

/** Those of whose objects the statement names no event: it sees columns, and not what else may stand in a line of JSON. */
function notNamed(invalid: readonly Finding[], judged: readonly Finding[]): Finding[] {
  const named = judged
    .filter(({ code }) => code === 'EVENT_INVALID')
    .flatMap(({ object }) => object?.split(', ') ?? []);
  return sorted(invalid).filter(({ object }) => !named.includes(object!));
}

/** Objects are read side by side. */
function sorted(findings: readonly Finding[]): Finding[] {
  return [...findings].sort((a, b) => (a.object! < b.object! ? -1 : 1));
}

async function totalsOf(room: WorkRoom, { objects }: Intake): Promise<EventTotals> {
  const [row] = await room.rows(TOTALS_SQL);
  const [events, chains, closed] = ['events', 'chains', 'closed'].map((name) => Number(row?.[name] ?? 0));
  return {
    objects,
    events: events!,
    duplicates: (await room.count(LINKS)) - events!,
    chains: chains!,
    closed_chains: closed!,
    open_chains: chains! - closed!,
  };
}

const TOTALS_SQL = `SELECT
  coalesce(sum("events"), 0) AS "events",
  count("chain_uid") AS "chains",
  count("chain_uid") FILTER ("last_phase" = 'closing') AS "closed"
FROM (
  SELECT "chain_uid", count(*) AS "events", max_by("phase", "sequence") AS "last_phase"
  FROM ${RANKED} AS r
  GROUP BY "chain_uid"
) AS c`;
