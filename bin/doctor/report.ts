import { CHECKS, type CheckResult } from './check';

const MARKS = { ok: 'ok', failed: 'FAILED', not_checked: 'not checked' } as const;
const MARK_WIDTH = 12;

/** For people: a line a check, what is wrong and what to do below it. */
export function doctorReport(results: readonly CheckResult[], location: string): string {
  const lines = results.flatMap(({ name, outcome, detail, advice }) => [
    `${MARKS[outcome].padEnd(MARK_WIDTH)}${CHECKS[name]}`,
    `${''.padEnd(MARK_WIDTH)}${detail}`,
    ...(advice === undefined ? [] : [`${''.padEnd(MARK_WIDTH)}what to do: ${advice}`]),
  ]);
  const count = results.filter(({ outcome }) => outcome === 'failed').length;
  const end =
    count === 0 ? `${location} keeps its promises` : `${location}: ${count} of ${results.length} checks failed`;
  return [...lines, '', end].join('\n') + '\n';
}

/** For programs. */
export function doctorJson(results: readonly CheckResult[], location: string): string {
  const healthy = results.every(({ outcome }) => outcome !== 'failed');
  return JSON.stringify({ healthy, trail: location, checks: results }, null, 2) + '\n';
}
