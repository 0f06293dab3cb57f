import { Command } from 'commander';
import { DEFAULT_LIMIT, eventsQuery, type EventsFilter } from '../query/events-filter';
import type { QueryResult, QueryValue } from '../query/queries';
import { localOption, withTrail, type LocalOption } from './local-trail';
import { formatOption, render, type Format } from './output/format';

const HELP = `
Several filters all have to match. Times are UTC unless they name a zone. A date alone means its first moment in --since
and its last in --until. The table is an overview; json and csv have all columns of audit_events.

Examples:
  $ audit-proxy events --since 15m
  $ audit-proxy events --who alice --what "POST /orders*" --since 2026-11-24 --until 2026-11-25T12:00Z
  $ audit-proxy events --where 10.0.0.0/8 --result 4xx --format json
  $ audit-proxy events --service orders --result blocked --limit 500 --format csv > blocked.csv`;

export function eventsCommand(): Command {
  return new Command('events')
    .description('list requests, the newest first: who did what, when, where from, with what result')
    .option('--who <name>', 'who asked; * for any characters')
    .option('--what <what>', 'operation, method, activity or path ("GET", "Delete", "/orders/*", "GET /orders*")')
    .option('--where <address>', 'source address: exact, with *, or a network (10.0.0.0/8, 2001:db8::/32)')
    .option('--service <name>', 'the service behind the route; * for any characters')
    .option(
      '--result <result>',
      'success, failure or unknown; a status code (404) or class (4xx); allowed, blocked or error',
    )
    .option('--since <time>', 'from then on: ISO 8601, or a span back from now (30s, 15m, 2h, 7d)')
    .option('--until <time>', 'until then: the same')
    .option('--limit <count>', 'at most so many requests', DEFAULT_LIMIT)
    .addOption(localOption())
    .addOption(formatOption())
    .addHelpText('after', HELP)
    .action(async (options: EventsFilter & LocalOption & { format: Format }) => {
      const { sql, parameters } = eventsQuery(options, Date.now());
      const result = await withTrail(options, (trail) => trail.run(sql, parameters));
      if (options.format !== 'table') process.stdout.write(render(result, options.format));
      else process.stdout.write(render(overview(result), 'table') + footer(result.rows.length, options));
    });
}

/** Who did what, when, where from, with what result: what a line has room for. */
function overview({ columns, rows }: QueryResult): QueryResult {
  return {
    columns: ['time', 'who', 'what', 'where', 'service', 'result', 'ms'],
    rows: rows.map((row) => {
      const value = (name: string): QueryValue => row[columns.indexOf(name)] ?? null;
      return [
        String(value('time')).slice(0, 19).replace('T', ' '),
        value('who'),
        `${value('method')} ${value('path')}`,
        value('source_ip'),
        value('service'),
        resultOf(value('status_code'), value('result')),
        value('latency_ms'),
      ];
    }),
  };
}

/** A status, unless there is none; a caller who was told of a success and did not get all of it is told apart. */
function resultOf(status: QueryValue, result: QueryValue): QueryValue {
  if (status === null) return result;
  return result === 'Failure' && Number(status) < 400 ? `${status} broken off` : status;
}

function footer(count: number, { limit }: EventsFilter): string {
  return count === Number(limit) ? `the newest ${count}; --limit shows more\n` : '';
}
