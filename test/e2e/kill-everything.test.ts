import { execFileSync } from 'node:child_process';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { undeliveredRequests } from '../../bin/local/edge-log/edge-journal';
import { openLocalTrail } from '../../bin/query/duckdb-queries';
import { ready, startCli, type Running } from '../local/start/start-fixture';
import { runCli } from '../support/run-cli';
import { verifyFolder } from '../verify/support';

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
  // Nor has the edge log lost a request that the function got: judged as if nothing were too young.
  expect((await verifyFolder(data)).findings).toEqual([]);
}, 120_000);

it('has nothing against the trail of a gateway that was killed under load and never started again', async () => {
  const data = path.join(mkdtempSync(path.join(tmpdir(), 'audit-proxy-kill-')), 'trail');
  const running = start(data);
  const url = await ready(running);
  const pid = running.child.pid as number;
  const tree = descendantsOf(pid);
  let [answered, killed] = [0, false];
  const callers = Array.from({ length: CALLERS }, async () => {
    while (!killed) if ((await fetch(`${url}/orders`).catch(() => undefined))?.ok === true) answered += 1;
  });
  while (answered < PER_ROUND) await sleep(5);
  signal(pid, 'SIGKILL');
  killed = true;
  await Promise.all(callers);
  // The other processes finish what they took, and end by themselves.
  while (tree.some(isRunning)) await sleep(50);

  const { findings, notices, totals } = await verifyFolder(data, { sealLagMs: 2 * 3_600_000 });
  expect(findings).toEqual([]);
  expect(totals.requests).toBeGreaterThan(0);
  // What the gateway did not deliver it still has, and no event is in doubt for it.
  const cut = notices.filter(({ code }) => code === 'EDGE_LOG_CUT').map(({ detail }) => detail.split(' ').at(-1));
  for (const id of cut) expect(undeliveredRequests(data)).toContain(id);
}, 120_000);

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

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
