import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { startPipeline } from '../../../bin/local/pipeline';
import { SealerProcess } from '../../../bin/local/sealer-process';
import { verifiedLeaves } from '../../sealer/local/support';
import { afterTest } from '../../support/after-test';
import { ctrlC, ready, ROOT, startCli, temporaryFolder } from './start-fixture';

const PROGRAM = path.join(ROOT, 'dist', 'lambda', 'sealer-local', 'index.mjs');

it('seals every object of the trail, and ends when all is sealed', async () => {
  const data = temporaryFolder();
  const running = startCli('--port', '0', '--data', data, '--concurrency', '2');
  const url = await ready(running);
  for (let i = 0; i < 5; i++) await (await fetch(`${url}/orders?n=${i}`)).text();
  ctrlC(running);
  expect(await running.exit, running.stderr()).toBe(0);

  const vkey = readFileSync(path.join(data, 'keys', 'ledger.vkey'), 'utf8').trim();
  expect(running.stdout()).toContain(vkey);
  const leaves = await verifiedLeaves(data, vkey);
  const count = (prefix: string) => leaves.filter(({ key }) => key.startsWith(prefix)).length;
  expect(count('edge/')).toBeGreaterThan(0);
  const events = leaves.filter(({ key }) => key.startsWith('events/')).map((leaf) => leaf.events?.count);
  // Attempt and outcome of each request, and how each environment ended.
  expect(events.reduce((sum, n) => sum! + n!, 0)).toBeGreaterThanOrEqual(10);
});

it('seals on, under the same key, when the sealer is killed', async () => {
  const data = temporaryFolder();
  const warnings: string[] = [];
  const pipeline = await startPipeline({ dataFolder: data, port: 0, concurrency: 2, warn: (line) => void warnings.push(line) }); // prettier-ignore
  let stopped: Promise<boolean> | undefined;
  afterTest(() => (stopped ??= pipeline.stop()));
  for (let round = 1; round <= 2; round++) {
    await (await fetch(`${pipeline.url}/orders?n=${round}`)).text();
    process.kill(sealerOf(process.pid, data), 'SIGKILL');
    while (warnings.length < 2 * round) await sleep(20);
  }
  await (await fetch(`${pipeline.url}/orders?n=3`)).text();
  expect(await (stopped ??= pipeline.stop())).toBe(true);

  expect(warnings).toEqual(
    Array.from({ length: 2 }, () => [
      'the sealer ended unexpectedly (by SIGKILL); starting it again',
      'the sealer runs again, and seals what there is by now',
    ]).flat(),
  );
  expect((await verifiedLeaves(data, pipeline.vkey)).length).toBeGreaterThan(1);
});

it('keeps its key from one start to the next', async () => {
  const dataFolder = temporaryFolder();
  const vkeys: string[] = [];
  for (let i = 0; i < 2; i++) {
    const sealer = await SealerProcess.start({ program: PROGRAM, dataFolder, warn: () => undefined });
    vkeys.push(sealer.vkey);
    expect(sealer.pid).toEqual(expect.any(Number));
    expect(await sealer.stop()).toBe(true);
  }
  expect(vkeys[1]).toBe(vkeys[0]);
});

/** The process that seals a folder, among the children of another. */
function sealerOf(parent: number, data: string): number {
  const lines = execFileSync('ps', ['-A', '-o', 'pid=,ppid=,args='], { encoding: 'utf8' }).split('\n');
  const own = lines.map((line) => /^\s*(\d+)\s+(\d+)\s+(.*)$/.exec(line)).find((match) => {
    return match !== null && Number(match[2]) === parent && match[3]!.includes(PROGRAM) && match[3]!.includes(data);
  }); // prettier-ignore
  return Number(own![1]);
}
