import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { SupervisedProcess } from '../../../bin/local/supervised-process';
import { afterTest } from '../../support/after-test';
import { temporaryFolder } from './start-fixture';

async function supervised(source: string) {
  const folder = temporaryFolder();
  const starts = path.join(folder, 'starts');
  const program = path.join(folder, 'program.cjs');
  writeFileSync(program, `const starts = ${JSON.stringify(starts)}; const fs = require('node:fs'); fs.appendFileSync(starts, '.'); ${source}`); // prettier-ignore
  const warnings: string[] = [];
  const process = await SupervisedProcess.start<object>({
    ...{ name: 'it', program, args: () => [], again: () => '', resumes: 'goes on' },
    warn: (line) => void warnings.push(line),
  });
  afterTest(() => process.stop());
  return { process, warnings, starts: () => readFileSync(starts, 'utf8').length };
}

it('starts a process that keeps ending less and less often, and says so once', async () => {
  const { process, warnings, starts } = await supervised('process.send({}, () => process.exit(3));');
  while (!warnings.some((line) => line.includes('keeps ending'))) await sleep(20);
  const before = starts();
  await sleep(2_500);
  expect(starts() - before).toBeLessThanOrEqual(2);
  expect(warnings).toHaveLength(7);
  expect(warnings.at(-1)).toBe('it keeps ending (with exit code 3); starting it again, less and less often');
  // Also where none runs, in the middle of a pause.
  expect(await process.stop()).toBe(false);
});

it('says once why a process does not start again, and tries on', async () => {
  const { process, warnings, starts } = await supervised(`
    if (fs.readFileSync(starts).length === 1) process.send({}, () => process.exit(1));
    else if (fs.readFileSync(starts).length < 4) process.send({ error: 'disk full' }, () => process.exit(2));
    else { process.send({}); process.on('message', () => process.exit(0)); }`);
  while (!warnings.some((line) => line.includes('runs again'))) await sleep(20);
  expect(starts()).toBe(4);
  expect(warnings).toEqual([
    'it ended unexpectedly (with exit code 1); starting it again',
    'it does not start, trying again: disk full',
    'it runs again, and goes on',
  ]);
  expect(await process.stop()).toBe(true);
});
