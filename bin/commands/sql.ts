import { text } from 'node:stream/consumers';
import { Command } from 'commander';
import { flatViewColumns } from '../../lib/event/sql/flat-view';
import { localOption, withTrail, type LocalOption } from './local-trail';
import { formatOption, render, type Format } from './output/format';

const HELP = `
Tables:
  audit_events       one row a request: ${wrapped(
    flatViewColumns.map(({ name }) => name),
    21,
  )}
  audit_events_raw   every event as it was recorded: nested OCSF fields, dt, hour
  edge_requests      one row a request that arrived, as the gateway saw it: time, request_id, extended_request_id, method,
                     path, source_ip, status_code, invocation (invoked, not_invoked, refused, unknown), error_type,
                     integration_status, integration_error, function_status, latency_ms, integration_latency_ms, …
  edge_requests_raw  the gateway's log as it was written
  unaudited_requests, not_invoked_requests, refused_requests
                     requests at the gateway that have no event: the function ran or may have run; it never ran; the
                     gateway refused them itself. Same columns as edge_requests
  unwitnessed_events events that the gateway's log does not confirm, and why

dt (YYYY-MM-DD) and hour (HH) are text, in UTC; a condition on them keeps a query from reading the whole trail.
A statement can read these tables, and no file by its name (read_parquet and the like).
Events and the gateway's log are delivered separately: compare them a minute after the requests, not before.

Examples:
  $ audit-proxy sql "SELECT who, count(*) AS requests FROM audit_events GROUP BY who ORDER BY requests DESC"
  $ audit-proxy sql "SELECT actor.user.uid, http_request.url.path FROM audit_events_raw WHERE dt = '2026-11-24'"
  $ audit-proxy sql "SELECT time, method, path, status_code FROM unaudited_requests"
  $ audit-proxy sql --format json - < report.sql`;

export function sqlCommand(): Command {
  return new Command('sql')
    .description('run one SELECT over the trail (DuckDB SQL); nothing is ever written')
    .argument('<statement>', 'the statement, or - to read it from standard input')
    .addOption(localOption())
    .addOption(formatOption())
    .addHelpText('after', HELP)
    .action(async (statement: string, options: LocalOption & { format: Format }) => {
      const sql = statement === '-' ? await text(process.stdin) : statement;
      const result = await withTrail(options, (trail) => trail.run(sql));
      process.stdout.write(render(result, options.format));
    });
}

/** Names with commas between them, in lines of at most 120 characters, all but the first indented. */
function wrapped(names: readonly string[], indent: number): string {
  const lines = [''];
  let room = 120 - indent - 'one row a request: '.length;
  for (const name of names) {
    const last = lines.at(-1)!;
    if (last.length + name.length + 2 <= room) lines[lines.length - 1] = last === '' ? name : `${last}, ${name}`;
    else {
      lines.push(name);
      room = 120 - indent - 1;
    }
  }
  return lines.join(`,\n${' '.repeat(indent)}`);
}
