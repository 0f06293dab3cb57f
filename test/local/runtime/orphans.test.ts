import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { build } from 'esbuild';
import { expect, it } from 'vitest';
import { RUNTIME_FILE, writeFunction } from './test-function';

/** A program that starts a pool of two and prints the process ids of its environments. */
const PARENT = `
import { FunctionPool } from './pool';
const [bundle] = process.argv.slice(2);
const options = { bundle, runtimeFile: ${JSON.stringify(RUNTIME_FILE)}, variables: {}, logFolder: bundle };
void FunctionPool.start({ ...options, concurrency: 2 }).then((pool) => console.log(JSON.stringify(pool.pids)));
`;

it('environments end by themselves when the pipeline is killed, after their good-byes', async () => {
  const folder = writeFunction(
    `process.on('SIGTERM', () => setTimeout(() => { console.log('good-bye'); process.exit(0); }, 50));
     export const handler = async () => 'ok';`,
  );
  const program = path.join(folder, 'parent.cjs');
  const resolveDir = path.join(__dirname, '..', '..', '..', 'bin', 'local', 'runtime');
  await build({
    stdin: { contents: PARENT, resolveDir, loader: 'ts' },
    bundle: true,
    platform: 'node',
    format: 'cjs',
    outfile: program,
  });
  const parent = spawn(process.execPath, [program, folder], { stdio: ['ignore', 'pipe', 'inherit'] });
  const [line] = (await once(parent.stdout, 'data')) as [Buffer];
  const pids = JSON.parse(line.toString()) as number[];
  expect(pids.filter(isAlive)).toHaveLength(2);

  parent.kill('SIGKILL');
  const deadline = Date.now() + 5_000;
  while (pids.some(isAlive) && Date.now() < deadline) await sleep(20);

  expect(pids.filter(isAlive)).toEqual([]);
  expect(readFileSync(path.join(folder, 'function.log'), 'utf8')).toBe('good-bye\ngood-bye\n');
});

/** A zombie that nobody reaps counts as gone. */
function isAlive(pid: number): boolean {
  try {
    return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
  } catch {
    try {
      process.kill(pid, 0);
      return process.platform !== 'linux';
    } catch {
      return false;
    }
  }
}
