/** A query that the workgroup offers by name. Athena asks for the value of each `?`. */
export interface SavedQuery {
  readonly id: string;
  readonly name: string;
  readonly description: string;
  readonly sql: string;
}

/** A bound on the partition, without which a query reads the whole log. Days are UTC. */
const lastDays = (days: number) => `dt >= CAST(current_date - INTERVAL '${days}' DAY AS varchar)`;

const ROW = '"time", who, who_type, activity, operation, path, source_ip, result, status_code';

/** Events and edge log come to the trail separately; what is younger than this may lie in one of both only. */
const SETTLED = `"time" < localtimestamp - INTERVAL '15' MINUTE`;

const EDGE_ROW =
  '"time", "method", path, source_ip, status_code, invocation, error_type, integration_status, integration_error, extended_request_id';

/** Queries over the views, for a start. */
export const savedQueries: readonly SavedQuery[] = [
  {
    id: 'ServiceActivity',
    name: 'Who did what on a service',
    description: 'Requests to one service in the last 7 days, newest first. Parameter: service.',
    sql: `SELECT ${ROW}
FROM audit_events
WHERE ${lastDays(7)} AND service = ?
ORDER BY "time" DESC
LIMIT 1000`,
  },
  {
    id: 'CallerActivity',
    name: 'What a caller did',
    description: 'Requests of one caller in the last 30 days, newest first. Parameter: who.',
    sql: `SELECT "time", service, activity, operation, path, source_ip, user_agent, result, status_code
FROM audit_events
WHERE ${lastDays(30)} AND who = ?
ORDER BY "time" DESC
LIMIT 1000`,
  },
  {
    id: 'RefusedRequests',
    name: 'Refused requests',
    description: 'Requests that the proxy did not let through in the last 7 days, newest first.',
    sql: `SELECT service, ${ROW}
FROM audit_events
WHERE ${lastDays(7)} AND disposition = 'Blocked'
ORDER BY "time" DESC
LIMIT 1000`,
  },
  {
    id: 'FailuresByService',
    name: 'Failures by service and hour',
    description: 'How many requests failed, by service and hour, in the last 2 days.',
    sql: `SELECT dt, "hour", service, count(*) AS requests, count_if(result = 'Failure') AS failures
FROM audit_events
WHERE ${lastDays(2)}
GROUP BY dt, "hour", service
ORDER BY dt DESC, "hour" DESC, failures DESC`,
  },
  {
    id: 'SlowestOperations',
    name: 'Slowest operations',
    description: 'Latency of each operation in the last day, in milliseconds, slowest first.',
    sql: `SELECT service, operation, count(*) AS requests, approx_percentile(latency_ms, 0.5) AS median_ms, approx_percentile(latency_ms, 0.99) AS p99_ms, max(latency_ms) AS slowest_ms
FROM audit_events
WHERE ${lastDays(1)}
GROUP BY service, operation
ORDER BY p99_ms DESC
LIMIT 100`,
  },
  {
    id: 'SourceAddresses',
    name: 'Where callers come from',
    description: 'Source addresses of each caller in the last 7 days, with first and last use.',
    sql: `SELECT who, who_type, source_ip, count(*) AS requests, min("time") AS first_seen, max("time") AS last_seen
FROM audit_events
WHERE ${lastDays(7)}
GROUP BY who, who_type, source_ip
ORDER BY who, requests DESC`,
  },
  {
    id: 'WithoutOutcome',
    name: 'Requests without a result',
    description: 'Attempts of the last 7 days that have no outcome: the function was stopped before it could tell.',
    sql: `SELECT "time", service, who, operation, path, source_ip, request_id, event_uid
FROM audit_events
WHERE ${lastDays(7)} AND result = 'Unknown'
ORDER BY "time" DESC
LIMIT 1000`,
  },
  {
    id: 'OneRequest',
    name: 'One request',
    description: 'Everything about one request of the last 30 days. Parameter: request id.',
    sql: `SELECT *
FROM audit_events
WHERE ${lastDays(30)} AND request_id = ?`,
  },
  {
    id: 'UnauditedRequests',
    name: 'Requests without an event',
    description:
      'Requests of the last 7 days for which the function ran, or may have run, and that have no audit event. There should be none.',
    sql: `SELECT ${EDGE_ROW}
FROM unaudited_requests
WHERE ${lastDays(7)} AND ${SETTLED}
ORDER BY "time" DESC
LIMIT 1000`,
  },
  {
    id: 'NotInvokedRequests',
    name: 'Requests that the function never saw',
    description: 'Requests of the last 7 days for which Lambda never ran the function: throttled, crashed at start.',
    sql: `SELECT ${EDGE_ROW}
FROM not_invoked_requests
WHERE ${lastDays(7)} AND ${SETTLED}
ORDER BY "time" DESC
LIMIT 1000`,
  },
  {
    id: 'RequestsRefusedAtTheEdge',
    name: 'Requests refused at the edge',
    description: 'Requests of the last 7 days that API Gateway refused itself: authorizer, WAF, throttle, validation.',
    sql: `SELECT ${EDGE_ROW}
FROM refused_requests
WHERE ${lastDays(7)} AND ${SETTLED}
ORDER BY "time" DESC
LIMIT 1000`,
  },
];
