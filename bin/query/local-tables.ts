import { EDGE_TABLE } from '../../lib/edge-log/columns';
import { EDGE_VIEW, edgeRequestsSql } from '../../lib/edge-log/sql/edge-requests';
import { UNWITNESSED_VIEW, unwitnessedSql } from '../../lib/edge-log/sql/unwitnessed';
import { withoutEventSql, withoutEventViews } from '../../lib/edge-log/sql/without-event';
import { duckdb as dialect } from '../../lib/event/sql/dialect';
import { flatViewSql } from '../../lib/event/sql/flat-view';
import type { LocalObjects } from './local-objects';
import { rawEdgeSql, rawEventsSql } from './raw-view';

/** The tables of a local trail as views over its objects: names and bodies, each after those that it reads. */
export function localTables(root: string, objects: LocalObjects): (readonly [name: string, sql: string])[] {
  return [
    ['all_events', rawEventsSql(root, objects)],
    ['audit_events_raw', 'SELECT * EXCLUDE ("object") FROM all_events'],
    ['audit_events', flatViewSql(dialect, 'audit_events_raw')],
    ['audit_event_objects', 'SELECT "object", "metadata"."uid" AS "uid", "dt", "hour" FROM all_events'],
    [EDGE_TABLE, `SELECT * EXCLUDE ("object") FROM (${rawEdgeSql(root, objects)})`],
    [EDGE_VIEW, edgeRequestsSql(dialect, EDGE_TABLE)],
    ...withoutEventViews.map((view) => [view.name, withoutEventSql(view, EDGE_VIEW, 'audit_events_raw')] as const),
    [UNWITNESSED_VIEW, unwitnessedSql(dialect, EDGE_VIEW, 'audit_events_raw')],
  ];
}
