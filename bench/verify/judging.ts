import { compareWithEdge } from '../../bin/verify/events/edge';
import { verifyEvents } from '../../bin/verify/events/events';
import { Intake } from '../../bin/verify/events/intake';
import { EDGE, LINKS, makeTables } from '../../bin/verify/events/kept';
import { Window } from '../../bin/verify/events/window';
import { WorkRoom } from '../../bin/verify/work/work-room';

export interface Judged {
  readonly events: number;
  readonly requests: number;
  /** Number of findings. */
  readonly findings: number;
  readonly seconds: number;
  readonly maxRssBytes: number;
}

const CHAINS = 1_000;
/** Made in one statement. */
const AT_ONCE = 250_000;
const TIME = Date.UTC(2026, 10, 24);

/**
 * Judges as many events as a trail of many GiB has, as they are kept once their objects are decoded: a thousand writers, two
 * events a request, and an edge log that knows each. Making the objects themselves would take hours.
 */
export async function judgeHere(events: number): Promise<Judged> {
  const room = await WorkRoom.open();
  try {
    await makeTables(room);
    for (let from = 0; from < events; from += AT_ONCE) {
      const to = Math.min(events, from + AT_ONCE);
      await room.run(`INSERT INTO ${LINKS} BY NAME ${linksSql(from, to)}`);
      await room.run(`INSERT INTO ${EDGE} BY NAME ${edgeSql(from, to)}`);
    }
    const start = performance.now();
    const window = new Window(true);
    const judged = await verifyEvents({ room, intake: new Intake(room), window, progress: () => undefined });
    const edge = await compareWithEdge({ room, window, settledBy: TIME + 1, isOn: true });
    return {
      events: judged.totals.events,
      requests: edge.requests,
      findings: judged.findings.length + edge.findings.length,
      seconds: (performance.now() - start) / 1_000,
      maxRssBytes: process.resourceUsage().maxRSS * 1024,
    };
  } finally {
    await room.close();
  }
}

/** The event before it in its chain lies `CHAINS` before it. */
function linksSql(from: number, to: number): string {
  const before = (what: string) => `CASE WHEN i >= ${CHAINS} THEN ${what} END`;
  return `SELECT 'writer-' || i % ${CHAINS} AS "chain_uid", i // ${CHAINS} AS "sequence",
    ${uidOf('i')} AS "uid", sha256('f' || i) AS "recorded", sha256('f' || i) AS "recomputed",
    ${before(uidOf(`(i - ${CHAINS})`))} AS "prev_uid", ${before(`sha256('f' || (i - ${CHAINS}))`)} AS "prev_fingerprint",
    '2026-11-24' AS "dt", '00' AS "hour", ${TIME} AS "time", 6003 AS "class_uid",
    CASE WHEN i // ${CHAINS} % 2 = 0 THEN 'attempt' ELSE 'outcome' END AS "phase",
    ${requestOf('i')} AS "extended_request_id", 0 AS "object_id"
  FROM range(${from}, ${to}) AS t(i)`;
}

/** One record for each attempt. */
function edgeSql(from: number, to: number): string {
  return `SELECT epoch_ms(${TIME}) AS "time", '2026-11-24' AS "dt", '00' AS "hour", ${requestOf('i')} AS "extended_request_id",
    ${requestOf('i')} AS "request_id", 'GET' AS "method", '/orders/' || i AS "path", '192.0.2.1' AS "source_ip",
    200 AS "status_code", 'invoked' AS "invocation", 200 AS "function_status", 'api' AS "api_id", 'prod' AS "stage"
  FROM range(${from}, ${to}) AS t(i) WHERE i // ${CHAINS} % 2 = 0`;
}

/** As long as a UUID. */
function uidOf(i: string): string {
  return `left(sha256('u' || ${i}), 36)`;
}

function requestOf(i: string): string {
  return `left(sha256((${i} % ${CHAINS}) || '-' || (${i} // ${2 * CHAINS})), 16)`;
}
