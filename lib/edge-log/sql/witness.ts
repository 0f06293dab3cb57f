import { DEFAULT_MAX_LENGTH } from '../../event/field';
import { REDACTED } from '../../event/privacy/secrets';
import { identifier, literal, type Dialect } from '../../event/sql/dialect';

/**
 * When a record of the edge log is a witness of an event, in SQL: the function ran for the request, or may have run, and
 * both say the same of all that both know.
 */

/** What an event says of its request: names of columns, and where it stands in the event. */
export const CLAIM_COLUMNS = {
  phase: '"unmapped"."phase"',
  method: '"http_request"."http_method"',
  path: '"http_request"."url"."path"',
  source_ip: '"src_endpoint"."ip"',
  status: '"status_code"',
  request_id: '"api"."request"."uid"',
  invocation_uid: '"unmapped"."invocation_uid"',
} as const;

/**
 * How far the two times may lie apart, in milliseconds. API Gateway gives both the same; a rounded one must not be an
 * accusation.
 */
export const TIME_TOLERANCE_MS = 5_000;

/** The rows of a table of events that has `path`, with what the comparison of paths needs of it. */
export function comparableEventsSql(events: string): string {
  return `(SELECT *, ${patternOf('"path"')} AS "path_pattern", ${slashes(decoded('"path"'))} AS "path_slashes" FROM ${events})`;
}

/** The same of the view `edge_requests`. On a REST API under its own host name, the stage stands before the path. */
export function comparableEdgeSql(edgeRequests: string): string {
  const isOfStage = `("path" = '/' || "stage" OR starts_with("path", '/' || "stage" || '/'))`;
  const bare = `CASE WHEN ${isOfStage} THEN coalesce(nullif(substr("path", length("stage") + 2), ''), '/') ELSE "path" END`;
  return `(SELECT *, ${decoded('"path"')} AS "path_decoded", ${decoded('"path_bare"')} AS "path_bare_decoded"
    FROM (SELECT *, ${bare} AS "path_bare" FROM ${edgeRequests}) AS b)`;
}

export interface WitnessSides {
  /** Alias of a row with the columns of `CLAIM_COLUMNS` and `comparableEventsSql`. */
  readonly event: string;
  /** Alias of a row of `comparableEdgeSql`. */
  readonly edge: string;
  /** Condition: the two times lie further apart than `TIME_TOLERANCE_MS`. */
  readonly timesDiffer: string;
}

/**
 * Why a record of the edge log is no witness of an event, as text that names everything on which the two disagree, with both
 * values; NULL where it is one.
 */
export function contradictionSql(dialect: Dialect, { event, edge, timesDiffer }: WitnessSides): string {
  const e = (name: keyof typeof CLAIM_COLUMNS) => `${event}.${identifier(name)}`;
  const r = (name: string) => `${edge}.${identifier(name)}`;
  const differ = (name: string, a: string, b: string, condition = `${a} <> ${b}`) =>
    `CASE WHEN ${condition} THEN ${literal(`${name}: event `)} || ${a} || ', edge log ' || ${b} END`;
  const status = `CAST(${r('function_status')} AS varchar)`;
  return `nullif(concat_ws('; ',
    CASE WHEN ${r('invocation')} IN ('refused', 'not_invoked') THEN 'the function never ran: ' || ${r('invocation')} END,
    ${differ('method', e('method'), r('method'))},
    ${differ('path', e('path'), r('path'), `NOT ${pathsAgreeSql(event, edge)}`)},
    ${differ('source address', e('source_ip'), r('source_ip'), `lower(${e('source_ip')}) <> lower(${r('source_ip')})`)},
    ${differ('status', e('status'), status, `${isFunctionsAnswer(event, edge)} AND ${e('status')} <> ${status}`)},
    ${differ('request id', e('request_id'), r('request_id'), requestIdsDiffer(dialect, e('request_id'), r('request_id')))},
    ${differ('invocation', e('invocation_uid'), r('integration_request_id'))},
    CASE WHEN ${timesDiffer} THEN 'time' END
  ), '')`;
}

/**
 * Whether the edge's `function_status` is the status of the answer that the event tells of: where the edge did not get the
 * answer, or made one of its own, what stands there is documented nowhere.
 */
export function isFunctionsAnswer(event: string, edge: string): string {
  return `${event}."phase" = 'outcome' AND ${edge}."invocation" = 'invoked' AND ${edge}."integration_error" IS NULL
      AND ${edge}."error_type" IS NULL`;
}

/**
 * A caller of a REST API chooses it. Where it looks like a secret or would not survive being written, the event has its hash;
 * events of earlier versions have it redacted, or with control characters escaped.
 */
function requestIdsDiffer(dialect: Dialect, event: string, edge: string): string {
  return `${event} <> ${edge} AND ${event} <> 'sha256:' || ${dialect.sha256Hex(edge)}
      AND NOT starts_with(${event}, 'sha256-utf16:') AND ${event} <> ${literal(REDACTED)} AND strpos(${event}, '\\u00') = 0`;
}

/**
 * Whether the two paths are one. HTTP APIs decode paths, so that spellings of one character are the same. A redacted part
 * agrees with anything, and so does what could not be decoded; a path that was cut agrees with how it begins.
 */
function pathsAgreeSql(event: string, edge: string): string {
  const isLike = (path: string) => `(${edge}."${path}" LIKE ${event}."path_pattern" ESCAPE '!'
      AND ${slashes(`${edge}."${path}"`)} >= ${event}."path_slashes")`;
  return `(${event}."path" = ${edge}."path" OR ${event}."path" = ${edge}."path_bare"
      OR ${isLike('path_decoded')} OR ${isLike('path_bare_decoded')})`;
}

/** What no percent-decoder takes stays as it is. One of the engines would decode + as well. */
function decoded(path: string): string {
  return `coalesce(try(url_decode(replace(${path}, '+', '%2B'))), ${path})`;
}

function patternOf(path: string): string {
  const replaced = (sql: string, from: string, to: string) => `replace(${sql}, ${literal(from)}, ${literal(to)})`;
  const escaped = ['!', '%', '_'].reduce((sql, one) => replaced(sql, one, `!${one}`), decoded(path));
  const open = [REDACTED, '\ufffd'].reduce((sql, unknown) => replaced(sql, unknown, '%'), escaped);
  return `(${open} || CASE WHEN length(${path}) >= ${DEFAULT_MAX_LENGTH - 1} THEN '%' ELSE '' END)`;
}

function slashes(text: string): string {
  return `length(${text}) - length(replace(${text}, '/', ''))`;
}
