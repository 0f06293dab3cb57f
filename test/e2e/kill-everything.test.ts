import { execFileSync } from 'node:child_process';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { openLocalTrail } from '../../bin/query/duckdb-queries';
import { ready, startCli, type Running } from '../local/start/start-fixture';
import { runCli } from '../support/run-cli';

const ROUNDS = 3;
const CALLERS = 6;
/** Answered requests before everything is killed, under load. */
const PER_ROUND = 40;

it('loses no event of an answered request when everything is killed at once, again and again', async () => {
  const data = path.join(mkdtempSync(path.join(tmpdir(), 'audit-proxy-kill-')), 'trail');
  const answered: string[] = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    const running = start(data);
    const url = await ready(running);
    let killed = false;
    const callers = Array.from({ length: CALLERS }, async (_, caller) => {
      for (let n = 0; !killed; n += 1) {
        const marker = `${round}-${caller}-${n}`;
        const answer = await fetch(`${url}/orders?n=${marker}`).catch(() => undefined);
        if (answer?.ok && (await answer.text().catch(() => undefined)) !== undefined) answered.push(marker);
      }
    });
    const enough = answered.length + PER_ROUND;
    while (answered.length < enough) await sleep(20);
    killTree(running.child.pid as number);
    killed = true;
    await Promise.all(callers);
  }
  // What was acknowledged and not delivered lies in the write-ahead file; the next start delivers it.
  const last = start(data);
  await ready(last);
  last.child.kill('SIGINT');
  expect(await last.exit).toBe(0);

  const trail = await openLocalTrail(data);
  const { rows } = await trail.run(
    `SELECT DISTINCT http_request.url.query_string FROM audit_events_raw WHERE class_uid = 6003`,
  );
  await trail.close();
  const recorded = new Set(rows.map(([query]) => String(query)));
  expect(answered.filter((marker) => !recorded.has(`n=${marker}`))).toEqual([]);

  // The chains were cut off, and none is broken: no event was changed, and none is missing in between.
  const verified = await runCli(['verify', '--local', data, '--format', 'json']);
  expect(verified.code, verified.stdout).toBe(0);
}, 120_000);

function start(data: string): Running {
  return startCli('--port', '0', '--data', data, '--concurrency', '3');
}

/** Kills a process and all that descend from it. All are stopped first, so that none can tidy up after the others. */
function killTree(root: number): void {
  signal(root, 'SIGSTOP');
  const tree = [root, ...descendantsOf(root)];
  for (const pid of tree) signal(pid, 'SIGSTOP');
  for (const pid of tree) signal(pid, 'SIGKILL');
}

function descendantsOf(root: number): number[] {
  const processes = execFileSync('ps', ['-A', '-o', 'pid=,ppid='], { encoding: 'utf8' })
    .trim()
    .split('\n')
    .map((line) => line.trim().split(/\s+/).map(Number));
  const below = (pid: number): number[] =>
    processes.filter(([, parent]) => parent === pid).flatMap(([child = 0]) => [child, ...below(child)]);
  return below(root);
}

function signal(pid: number, name: 'SIGSTOP' | 'SIGKILL'): void {
  try {
    process.kill(pid, name);
  } catch {
    // It is gone already.
  }
}
