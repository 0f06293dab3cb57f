import { GUARANTEES } from '../routes';
import type { FaultGroup } from './row';

/** The table as the documentation shows it: one section for each group, one row for each fault. */
export function markdownOf(groups: readonly FaultGroup[]): string {
  return groups.map(section).join('\n');
}

const HEAD = [
  'fault',
  'BEFORE_FORWARD',
  'BEFORE_RESPONSE',
  'BEFORE_RESPONSE, <br>`onUnrecorded: refuse`',
  'AFTER_RESPONSE',
];

function section({ title, rows }: FaultGroup): string {
  const lines = [
    `### ${title}`,
    '',
    tableRow(HEAD),
    tableRow(HEAD.map(() => '---')),
    ...rows.map((row) => tableRow([row.fault, ...GUARANTEES.map((guarantee) => row[guarantee])])),
  ];
  return lines.join('\n') + '\n';
}

function tableRow(cells: readonly string[]): string {
  return `| ${cells.join(' | ')} |`;
}

const BEGIN = '<!-- measured: begin -->\n';
const END = '<!-- measured: end -->';

/**
 * Puts the table into a page, in the place of the one that is there.
 *
 * @throws Error if the page has no place for it
 */
export function withTable(page: string, groups: readonly FaultGroup[]): string {
  const begin = page.indexOf(BEGIN);
  const end = page.indexOf(END);
  if (begin === -1 || end < begin) throw new Error(`the page has no "${BEGIN.trim()}" and "${END}"`);
  return page.slice(0, begin + BEGIN.length) + markdownOf(groups) + page.slice(end);
}
