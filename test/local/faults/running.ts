import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'vitest';
import { ctrlC, ready, startCli, temporaryFolder, type Running } from '../start/start-fixture';
import { audit, callEach, guaranteedRoutes, RECORDED } from './routes';

/** Whether all faults are tried (`npm run test:faults`), or those that stand for others. */
export const ALL_FAULTS = process.env['AUDIT_PROXY_FAULT_REQUESTS'] !== undefined;

/** Starts a pipeline on a folder and finds it well. */
export async function startOn(data: string) {
  const { config, called } = await guaranteedRoutes();
  const running = startCli('--port', '0', '--data', data, '--config', config, '--concurrency', '2');
  const url = await ready(running);
  const call = () => callEach(url, called);
  expect(await call()).toEqual(RECORDED);
  const stopped = async () => {
    ctrlC(running);
    return { code: await running.exit, stdout: running.stdout(), stderr: running.stderr() };
  };
  return { running, call, stopped };
}

/** How long a warning may take on a machine that is busy with other things. */
const PATIENCE_MS = 30_000;

/** Resolves when stderr says so. */
export async function told({ stderr }: Running, what: RegExp): Promise<void> {
  for (let waited = 0; !what.test(stderr()); waited += 20) {
    if (waited > PATIENCE_MS) throw new Error(`stderr never said ${what}, but: ${stderr()}`);
    await sleep(20);
  }
}

/** Brings in what was printed and what is on the function's log; the trail must then be without a finding. */
export async function expectClean(data: string, stderr: string): Promise<void> {
  const printed = path.join(temporaryFolder(), 'stderr.txt');
  writeFileSync(printed, stderr);
  const recovered = await audit('recover', path.join(data, 'function.log'), printed, '--local', data);
  expect(recovered.code, recovered.output).toBe(0);
  const verified = await audit('verify', '--local', data);
  expect(verified.code, verified.output).toBe(0);
}
