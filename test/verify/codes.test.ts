import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, it } from 'vitest';
import { FINDING_HELP } from '../../bin/verify/help/findings';
import { NOTICE_HELP } from '../../bin/verify/help/notices';

const ROOT = path.join(__dirname, '../..');

/** What emits codes: the sources of verify and of the libraries whose findings it tells, without their declarations. */
function emitters(): string {
  const files = ['bin/verify', 'bin/commands', 'lib/ledger', 'lib/event/sql'].flatMap((folder) =>
    readdirSync(path.join(ROOT, folder), { recursive: true, encoding: 'utf8' }).map((file) => path.join(folder, file)),
  );
  return files
    .filter((file) => file.endsWith('.ts') && !/bin.verify.(?:help.|codes\.ts|ledger.sound\.ts)|error\.ts$/.test(file))
    .map((file) => withoutTypes(readFileSync(path.join(ROOT, file), 'utf8')))
    .join('\n');
}

/** Without comments and members of union types. */
function withoutTypes(source: string): string {
  return source.replace(/\/\*[\s\S]*?\*\/|\/\/.*$/gm, '').replace(/^\s*\| '[A-Z_]+';?$/gm, '');
}

it('lists no code that nothing emits', () => {
  const source = emitters();
  const codes = [...Object.keys(FINDING_HELP), ...Object.keys(NOTICE_HELP)];
  expect(codes.filter((code) => !new RegExp(`['"]${code}['"]|^ +${code}:`, 'm').test(source))).toEqual([]);
});
