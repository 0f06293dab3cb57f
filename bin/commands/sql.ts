import { text } from 'node:stream/consumers';
import { Command } from 'commander';
import { localOption, withTrail, type LocalOption } from './local-trail';
import { formatOption, render, type Format } from './output/format';

const HELP = `
Tables:
  audit_events       one row a request: time, who, who_type, action, operation, method, path, service, source_ip,
                     user_agent, result, disposition, status_code, latency_ms, guarantee, request_id, event_uid,
                     correlation_uid, trace_id, dt, hour
  audit_events_raw   every event as it was recorded: nested OCSF fields, dt, hour

dt (YYYY-MM-DD) and hour (HH) are text, in UTC; a condition on them keeps a query from reading the whole trail.

Examples:
  $ audit-proxy sql "SELECT who, count(*) AS requests FROM audit_events GROUP BY who ORDER BY requests DESC"
  $ audit-proxy sql "SELECT actor.user.uid, http_request.url.path FROM audit_events_raw WHERE dt = '2026-11-24'"
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
