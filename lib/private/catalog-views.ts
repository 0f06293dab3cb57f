import type * as glue from 'aws-cdk-lib/aws-glue';
import type { Construct } from 'constructs';
import { EDGE_TABLE } from '../edge-log/columns';
import { EDGE_VIEW, edgeRequestsSql, edgeViewColumns } from '../edge-log/sql/edge-requests';
import { UNWITNESSED_VIEW, unwitnessedSql, unwitnessedViewColumns } from '../edge-log/sql/unwitnessed';
import { withoutEventSql, withoutEventViews } from '../edge-log/sql/without-event';
import { allEventsSql } from '../event/sql/all-events';
import { athena, identifier } from '../event/sql/dialect';
import { flatViewColumns, flatViewSql } from '../event/sql/flat-view';
import { athenaView } from './athena-view';
import { FALLBACK_TABLE, RAW_TABLE } from './raw-table';

/** Name of the view with one row a request. */
const FLAT_VIEW = 'audit_events';

/** Where the views are made. */
export interface ViewScope {
  readonly scope: Construct;
  readonly database: glue.CfnDatabase;
  /** The database's name; known at synth. */
  readonly databaseName: string;
}

/** The view `audit_events`. */
export function eventsView(at: ViewScope): glue.CfnTable {
  return athenaView(at.scope, 'EventsView', {
    ...at,
    name: FLAT_VIEW,
    description: 'Audit events, one row a request: its outcome, or its attempt where no outcome came',
    sql: flatViewSql(athena, allEvents(at)),
    columns: flatViewColumns,
  });
}

/** The view `edge_requests`, and those that compare it with the events. */
export function edgeViews(at: ViewScope): glue.CfnTable[] {
  const edgeRequests = named(at, EDGE_VIEW);
  const edge = athenaView(at.scope, 'EdgeView', {
    ...at,
    name: EDGE_VIEW,
    description: 'Requests as API Gateway saw them, one row a request',
    sql: edgeRequestsSql(athena, named(at, EDGE_TABLE)),
    columns: edgeViewColumns,
  });
  const withoutEvent = withoutEventViews.map((view) =>
    athenaView(at.scope, `${pascalCase(view.name)}View`, {
      ...at,
      name: view.name,
      description: view.description,
      sql: withoutEventSql(view, edgeRequests, allEvents(at)),
      columns: edgeViewColumns,
    }),
  );
  const unwitnessed = athenaView(at.scope, 'UnwitnessedEventsView', {
    ...at,
    name: UNWITNESSED_VIEW,
    description:
      'Audit events that the edge log does not confirm: no record of the request, or one that contradicts the event',
    sql: unwitnessedSql(athena, edgeRequests, allEvents(at)),
    columns: unwitnessedViewColumns,
  });
  return [edge, ...withoutEvent, unwitnessed];
}

function allEvents(at: ViewScope): string {
  return allEventsSql([named(at, RAW_TABLE), named(at, FALLBACK_TABLE)]);
}

function named({ databaseName }: ViewScope, name: string): string {
  return `${identifier(databaseName)}.${identifier(name)}`;
}

function pascalCase(name: string): string {
  return name.replace(/(?:^|_)([a-z])/g, (_, letter: string) => letter.toUpperCase());
}
