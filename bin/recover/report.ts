import { toTable, type Screen } from '../commands/output/table';
import type { Recovery } from './recovery';

export interface ReportOptions {
  /** For people: where from. */
  readonly source: string;
  /** For people: where to. */
  readonly destination: string;
  readonly dryRun: boolean;
}

/** One JSON object. */
export function jsonReport(recovery: Recovery, { source, destination, dryRun }: ReportOptions): string {
  const { found, recovered, alreadyInTrail, unrecovered } = recovery;
  const report = {
    complete: unrecovered.length === 0,
    dry_run: dryRun,
    source,
    destination,
    found,
    recovered,
    already_in_trail: alreadyInTrail,
    unrecovered,
  };
  return JSON.stringify(report, null, 2) + '\n';
}

const COLUMNS = ['problem', 'uid', 'detail', 'from'] as const;

/** For people. */
export function readableReport(recovery: Recovery, options: ReportOptions, screen: Screen): string {
  const { found, recovered, alreadyInTrail, unrecovered } = recovery;
  const rows: [string, string | number][] = [
    ['source', options.source],
    ['destination', options.destination],
    ['found', `${found} ${found === 1 ? 'event' : 'events'}`],
    [options.dryRun ? 'would be recovered' : 'recovered', recovered],
    ['already in the trail', alreadyInTrail],
    ['not recovered', unrecovered.length],
  ];
  const width = Math.max(...rows.map(([name]) => name.length));
  const lines = rows.map(([name, value]) => `${name.padEnd(width)}  ${value}`).join('\n');
  const problems = unrecovered.map((one) => COLUMNS.map((name) => one[name] ?? null));
  const list = problems.length === 0 ? '' : `\n${toTable({ columns: COLUMNS, rows: problems }, screen)}`;
  return `${lines}\n${list}`;
}
