import { noted, type Finding } from '../finding';
import type { WorkRoom } from '../work/work-room';
import type { EdgeCheck } from './edge';
import { EDGE, LINKS, OBJECTS } from './kept';
import { HOUR } from './misplaced';
import { API_ACTIVITY } from './witness';

/**
 * Hours that have events of requests and not one record of the edge log, though the trail has an edge log: somebody removed
 * its records, or made up the events. What lies in the wrong hour is told of as that.
 */
export async function hoursWithoutRecords(check: EdgeCheck): Promise<Finding[]> {
  const { room, window, isOn, since = 0, settledBy } = check;
  if (!isOn) return [];
  const first = await firstRecord(room);
  const rows = await room.rows(`SELECT l."dt", l."hour", count(DISTINCT l."uid") AS "events", min(o."key") AS "object"
    FROM ${LINKS} AS l
    ANTI JOIN (SELECT DISTINCT "dt", "hour" FROM ${EDGE}) AS h ON h."dt" = l."dt" AND h."hour" = l."hour"
    JOIN ${OBJECTS} AS o ON o."id" = l."object_id"
    WHERE l."class_uid" = ${API_ACTIVITY} AND l."time" BETWEEN ${Math.ceil(since)} AND ${Math.floor(settledBy)}
      AND ${HOUR} = l."dt" || ' ' || l."hour"
    GROUP BY 1, 2 ORDER BY 1, 2`);
  return rows
    .filter(({ dt, hour }) => !window.isDisposed(String(dt), String(hour)))
    .map(({ dt, hour, events, object }) => {
      const isBefore = window.isWhole && first !== undefined && `${dt}/${hour}` < first;
      const where = isBefore ? ', all before the first record of the edge log' : '';
      return noted('EDGE_LOG_MISSING', `events of requests: ${events}${where}`, String(object));
    });
}

async function firstRecord(room: WorkRoom): Promise<string | undefined> {
  const [row] = await room.rows(`SELECT min("dt" || '/' || "hour") AS "first" FROM ${EDGE}`);
  return typeof row?.['first'] === 'string' ? row['first'] : undefined;
}
