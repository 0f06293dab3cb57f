import { Command, Option } from 'commander';
import { FINDING_HELP } from '../query/findings';
import { verifyTrail, type Finding, type Verification } from '../query/verification';
import { localOption, withTrail, type LocalOption } from './local-trail';
import { FORMATS, render, type Format } from './output/format';

const HELP = `
Recomputes the fingerprint of every event from its stored form and follows every chain of events. Copies of an event are
no findings: delivery is at least once. A chain is closed when its writer ended it; of an open one it cannot be told
whether its last events were cut off.

json is one object: intact, totals, findings, help (meaning and advice of each code found). csv is the findings alone.

Exit codes:
  0  intact
  1  there are findings
  2  could not be checked

Codes:
${Object.entries(FINDING_HELP)
  .map(([code, { meaning }]) => `  ${code.padEnd(21)} ${meaning}`)
  .join('\n')}

Examples:
  $ audit-proxy verify
  $ audit-proxy verify --local /backup/audit --format json`;

export function verifyCommand(): Command {
  return new Command('verify')
    .description('prove that no event was changed, removed or reordered')
    .addOption(localOption())
    .addOption(
      new Option('--format <format>', 'table to read, json (one object), or csv (the findings)')
        .choices([...FORMATS])
        .default('table'),
    )
    .addHelpText('after', HELP)
    .action(async (options: LocalOption & { format: Format }) => {
      const verification = await withTrail(options, verifyTrail);
      process.stdout.write(report(verification, options));
      if (verification.findings.length > 0) process.exitCode = 1;
    });
}

function report(verification: Verification, { local, format }: LocalOption & { format: Format }): string {
  switch (format) {
    case 'json':
      return (
        JSON.stringify(
          {
            intact: verification.findings.length === 0,
            totals: verification.totals,
            findings: verification.findings,
            help: helpFor(verification.findings),
          },
          null,
          2,
        ) + '\n'
      );
    case 'csv':
      return render(findingRows(verification.findings), 'csv');
    case 'table':
      return readable(verification, local);
  }
}

function readable({ totals, findings }: Verification, local: string): string {
  const sections = [
    `trail     ${local}`,
    `objects   ${totals.objects}`,
    `events    ${totals.events}${totals.duplicates > 0 ? ` (and ${totals.duplicates} duplicates, which are no findings)` : ''}`,
    `chains    ${totals.chains} (${totals.closed_chains} closed, ${totals.open_chains} open)`,
    '',
  ];
  if (totals.open_chains > 0) {
    sections.push(
      'notice: an open chain has no closing event. Its writer still runs, or was stopped without notice;',
      'whether its last events were cut off cannot be told from the chain.',
      '',
    );
  }
  if (findings.length === 0) {
    sections.push('intact: every fingerprint and every chain is as it was written');
    return sections.join('\n') + '\n';
  }
  sections.push(`${findings.length} ${findings.length === 1 ? 'finding' : 'findings'}`, '');
  for (const [code, { meaning, advice }] of Object.entries(helpFor(findings))) {
    const those = findings.filter((finding) => finding.code === code);
    sections.push(`${code} (${those.length})`, meaning, advice, '', render(findingRows(those, false), 'table'));
  }
  return sections.join('\n');
}

/** Meaning and advice for the codes that were found. */
function helpFor(findings: readonly Finding[]): Partial<typeof FINDING_HELP> {
  const codes = new Set(findings.map(({ code }) => code));
  return Object.fromEntries(Object.entries(FINDING_HELP).filter(([code]) => codes.has(code as Finding['code'])));
}

const COLUMNS = ['code', 'sequence', 'uid', 'chain_uid', 'detail', 'dt', 'hour', 'object'] as const;

function findingRows(findings: readonly Finding[], withCode = true) {
  const columns = withCode ? COLUMNS : COLUMNS.slice(1);
  return { columns, rows: findings.map((finding) => columns.map((name) => finding[name])) };
}
