import { identifier, literal } from '../../event/sql/dialect';
import { edgeViewColumns } from './edge-requests';
import type { Invocation } from './invocation';

/** A view with the requests of the edge log that have no audit event, by what became of them. */
export interface WithoutEventView {
  readonly name: string;
  /** One sentence for readers. */
  readonly description: string;
  readonly invocations: readonly Invocation[];
}

/** Every request without an event is in exactly one of these; a request with an event is in none. */
export const withoutEventViews = [
  {
    name: 'unaudited_requests',
    description: 'Requests for which the function ran, or may have run, and that have no audit event',
    invocations: ['invoked', 'unknown'],
  },
  {
    name: 'not_invoked_requests',
    description: 'Requests for which Lambda never ran the function: throttled, not allowed, crashed at start',
    invocations: ['not_invoked'],
  },
  {
    name: 'refused_requests',
    description: 'Requests that the edge refused itself: authorizer, WAF, throttle, validation, unknown route',
    invocations: ['refused'],
  },
] as const satisfies readonly WithoutEventView[];

/**
 * The body of such a view; its columns are those of `edge_requests`.
 *
 * Records and events are joined by the extended request id, never by the request id, which a caller of a REST API
 * can choose, and within the partition that both share. Attempt or outcome, either counts. What was recorded a minute
 * ago may be in one of both logs only: judge hours that are over.
 *
 * @param edgeRequests the view `edge_requests`, as it is written in SQL.
 * @param rawEvents the nested events, all of them, as that is written in SQL.
 */
export function withoutEventSql(view: WithoutEventView, edgeRequests: string, rawEvents: string): string {
  // An outer join on dt and hour lets both engines carry a condition on them over to the events; NOT EXISTS does not.
  return `SELECT
${edgeViewColumns.map(({ name }) => `  r.${identifier(name)}`).join(',\n')}
FROM ${edgeRequests} AS r
LEFT JOIN (
  SELECT DISTINCT "dt", "hour", "unmapped"."extended_request_id" AS "extended_request_id"
  FROM ${rawEvents}
) AS e
ON e."dt" = r."dt" AND e."hour" = r."hour" AND e."extended_request_id" = r."extended_request_id"
WHERE e."extended_request_id" IS NULL AND r."invocation" IN (${view.invocations.map(literal).join(', ')})`;
}
