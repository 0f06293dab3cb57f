import type { Finding, Noted } from '../../verify/finding';
import type { CodeHelp } from '../../verify/help/code-help';
import { FINDING_HELP } from '../../verify/help/findings';
import { NOTICE_HELP } from '../../verify/help/notices';
import type { Totals, Verification } from '../../verify/verify';
import { render, type Format } from './format';

/** What a verification has to say, as text. */
export function verifyReport(verification: Verification, local: string, format: Format): string {
  switch (format) {
    case 'json':
      return JSON.stringify(asJson(verification), null, 2) + '\n';
    case 'csv':
      return render(rowsOf(verification.findings), 'csv');
    case 'table':
      return readable(verification, local);
  }
}

function asJson({ totals, findings, notices, checked, notChecked, key }: Verification): object {
  return {
    intact: findings.length === 0,
    checked_here: checked,
    not_checked_here: notChecked,
    totals,
    findings,
    notices,
    key: key ?? null,
    help: { ...helpFor(NOTICE_HELP, notices), ...helpFor(FINDING_HELP, findings) },
  };
}

function readable({ totals, findings, notices, checked, notChecked }: Verification, local: string): string {
  return (
    [
      ...totalLines(totals, local),
      '',
      ...groups(NOTICE_HELP, notices).flatMap(noticeLines),
      ...notChecked.map((line) => `not checked here: ${line}`),
      ...(notChecked.length > 0 ? [''] : []),
      ...(findings.length === 0
        ? [`intact as far as ${scopeOf(checked, notChecked)}`]
        : [
            `${findings.length} ${findings.length === 1 ? 'finding' : 'findings'}; ${scopeOf(checked, notChecked)}`,
            '',
          ]),
      ...groups(FINDING_HELP, findings).flatMap(({ code, help, items }) => [
        `${code} (${items.length})`,
        help.meaning,
        help.advice,
        '',
        render(rowsOf(items, false), 'table'),
      ]),
    ].join('\n') + (findings.length === 0 ? '\n' : '')
  );
}

function totalLines(totals: Totals, local: string): string[] {
  const { leaves, hashed_objects, hashed_bytes, duplicates } = totals;
  const mebibytes = (hashed_bytes / 1024 / 1024).toFixed(1);
  return [
    `trail     ${local}`,
    ...(leaves === null
      ? []
      : [
          `ledger    ${leaves} leaves (${hashed_objects} objects hashed, ${mebibytes} MiB; ${totals.checkpoints} older checkpoints)`,
        ]),
    `objects   ${totals.objects}`,
    `events    ${totals.events}${duplicates > 0 ? ` (and ${duplicates} duplicates, which are no findings)` : ''}`,
    `chains    ${totals.chains} (${totals.closed_chains} closed, ${totals.open_chains} open)`,
    ...(totals.requests === 0 ? [] : [`requests  ${totals.requests} at the edge`]),
  ];
}

/** What the verdict is about. Why something was not checked stands in the lines before. */
function scopeOf(checked: readonly string[], notChecked: readonly string[]): string {
  const topics = notChecked.map((line) => line.replace(/: .*/, ''));
  const not = topics.length === 0 ? '' : `; not checked: ${topics.join('; ')}`;
  return `checked: ${checked.length === 0 ? 'nothing' : checked.join(', ')}${not}`;
}

/** Notices are many in a large trail; json has all of them. */
const SHOWN = 5;

function noticeLines({ code, help, items }: Group<Noted<string>>): string[] {
  const shown = items.slice(0, SHOWN).map(({ chain_uid, sequence, uid, detail }) => {
    const place =
      chain_uid === null ? '' : `chain ${chain_uid} at ${sequence}${uid === null ? '' : `, event ${uid}`}: `;
    return `  ${place}${detail}`;
  });
  const more = items.length > SHOWN ? [`  and ${items.length - SHOWN} more`] : [];
  return [`notice ${code}: ${help.meaning}`, help.advice, ...shown, ...more, ''];
}

interface Group<Item> {
  readonly code: string;
  readonly help: CodeHelp;
  readonly items: readonly Item[];
}

/** By code, in the order of the help. */
function groups<Item extends Noted<string>>(
  help: Readonly<Record<string, CodeHelp>>,
  all: readonly Item[],
): Group<Item>[] {
  return Object.entries(help)
    .map(([code, text]) => ({ code, help: text, items: all.filter((item) => item.code === code) }))
    .filter(({ items }) => items.length > 0);
}

function helpFor(help: Readonly<Record<string, CodeHelp>>, all: readonly Noted<string>[]): Record<string, CodeHelp> {
  return Object.fromEntries(groups(help, all).map(({ code, help: text }) => [code, text]));
}

const COLUMNS = ['code', 'sequence', 'uid', 'chain_uid', 'detail', 'dt', 'hour', 'object'] as const;

function rowsOf(findings: readonly (Finding | Noted<string>)[], withCode = true) {
  const columns = withCode ? COLUMNS : COLUMNS.slice(1);
  return { columns, rows: findings.map((finding) => columns.map((name) => finding[name])) };
}
