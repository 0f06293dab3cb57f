import { TrinoSQL } from 'dt-sql-parser';
import { describe, expect, it } from 'vitest';
import { EDGE_TABLE } from '../../../lib/edge-log/columns';
import { EDGE_VIEW, edgeRequestsSql } from '../../../lib/edge-log/sql/edge-requests';
import { unwitnessedSql } from '../../../lib/edge-log/sql/unwitnessed';
import { withoutEventSql, withoutEventViews } from '../../../lib/edge-log/sql/without-event';
import { athena } from '../../../lib/event/sql/dialect';

const EDGE = `"audit"."${EDGE_VIEW}"`;
const EVENTS = '"audit"."audit_events_raw"';
const statements: Record<string, string> = {
  edge_requests: edgeRequestsSql(athena, `"audit"."${EDGE_TABLE}"`),
  unwitnessed_events: unwitnessedSql(athena, EDGE, EVENTS),
  ...Object.fromEntries(withoutEventViews.map((view) => [view.name, withoutEventSql(view, EDGE, EVENTS)])),
};

describe.each(Object.entries(statements))('the Athena statement of %s', (_, sql) => {
  it('is valid Trino SQL', () => {
    expect(new TrinoSQL().validate(sql)).toEqual([]);
    expect(new TrinoSQL().validate(sql.replace('SELECT', 'SELECTED'))).not.toEqual([]);
  });

  it('holds no type or function that Trino does not have', () => {
    expect(sql).not.toMatch(/epoch_ms|\bVARCHAR\[\]|\bsha256\('|regexp_extract|list_/);
  });
});
