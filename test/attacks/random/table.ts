import { appendFileSync } from 'node:fs';

/** Counts what became of each attack, for `npm run test:attacks`, which names the file. */
export function told(attacks: readonly string[], couldBeFound: boolean, codes: readonly string[]): void {
  const file = process.env['AUDIT_PROXY_ATTACKS_TABLE'];
  if (file === undefined) return;
  const what = attacks.length > 1 ? 'several at once' : (attacks[0] ?? 'none: honest trail');
  appendFileSync(file, `${JSON.stringify({ what, couldBeFound, codes })}\n`);
}
