import { spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import { expect, it } from 'vitest';
import { LAST_RESORT_MARK } from '../../../lib/event/last-resort';
import { afterTest } from '../../support/after-test';
import { temporaryFolder } from '../start/start-fixture';

const START = path.join(__dirname, '..', '..', '..', 'dist', 'bin', 'audit-proxy.js');

/**
 * Stands for environments whose log is full: their messages come to the pipeline as soon as it is told to stop. It is more than
 * a pipe takes.
 */
const COUNT = 400;
const MESSAGES = `
import { syncBuiltinESMExports } from 'node:module';
import children from 'node:child_process';
const spawn = children.spawn;
children.spawn = (...args) => {
  const child = spawn(...args);
  if (args[1][0].includes('runtime')) process.once('SIGTERM', () => {
    for (let i = 0; i < ${COUNT}; i++) {
      child.emit('message', { unlogged: JSON.stringify({ type: '${LAST_RESORT_MARK}', number: i, filler: 'x'.repeat(1000) }) });
    }
  });
  return child;
};
syncBuiltinESMExports();`;

it('prints every event before it ends, to a reader of stderr that comes late', async () => {
  const folder = temporaryFolder();
  const preload = path.join(folder, 'preload.mjs');
  writeFileSync(preload, MESSAGES);
  const args = ['--import', String(pathToFileURL(preload)), START, 'start', '--port', '0', '--concurrency', '1'];
  const child = spawn(process.execPath, [...args, '--data', path.join(folder, 'trail')], { stdio: ['ignore', 'pipe', 'pipe'] }); // prettier-ignore
  afterTest(() => child.kill('SIGKILL'));
  let stdout = '';
  child.stdout.on('data', (part: Buffer) => (stdout += part.toString()));
  const says = async (words: string) => {
    while (!stdout.includes(words)) {
      if (child.exitCode !== null) throw new Error(`it ended before it said ${words}: ${await text(child.stderr)}`);
      await sleep(20);
    }
  };
  await says('audit-proxy events');
  child.kill('SIGTERM');
  await says('\nstopped');
  const stderr = await text(child.stderr);
  expect(stderr.split('\n').filter((line) => line.includes(LAST_RESORT_MARK))).toHaveLength(COUNT);
}, 60_000);
