// Programs that a test starts and stops: on the loopback interface, with their output in a file each.
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { openSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import net from 'node:net';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

/** Which of these programs are not there. */
export function missing(programs) {
  return programs.filter((program) => spawnSync('sh', ['-c', `command -v ${program}`]).status !== 0);
}

/** A port that was free a moment ago. */
export async function freePort() {
  const server = net.createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address();
  server.close();
  await once(server, 'close');
  return port;
}

/** Runs a program to its end. @throws Error with what it said, if it fails */
export function run(program, args, options = {}) {
  const { status, stdout, stderr, error } = spawnSync(program, args, {
    encoding: 'utf8',
    timeout: 120_000,
    ...options,
  });
  if (status !== 0) throw new Error(`${program} ${args.join(' ')}: ${error?.message ?? stderr}`);
  return stdout;
}

/** Programs that run until they are stopped, the last one first. */
export class Programs {
  #running = [];

  constructor(folder) {
    this.folder = folder;
  }

  start(program, args, options = {}) {
    const file = path.join(this.folder, `${program}.out`);
    const output = openSync(file, 'a');
    const child = spawn(program, args, { stdio: ['ignore', output, output], ...options });
    child.on('error', () => undefined); // Told by `answers`, which waits in vain.
    this.#running.push({ child, program, file });
  }

  /** Waits until a server answers. @throws Error if one of the programs ended, or after a minute */
  async answers(url) {
    for (const end = Date.now() + 60_000; Date.now() < end; await sleep(200)) {
      const ended = this.#running.find(({ child }) => child.exitCode !== null || child.signalCode !== null);
      if (ended !== undefined)
        throw new Error(`${ended.program} ended: ${(await readFile(ended.file, 'utf8')).slice(-2_000)}`);
      const answer = await fetch(url).catch(() => undefined);
      if (answer !== undefined) return;
    }
    throw new Error(`nothing answers at ${url}`);
  }

  async stop() {
    for (const { child } of this.#running.reverse()) {
      if (child.exitCode !== null || child.signalCode !== null || child.pid === undefined) continue;
      const exit = once(child, 'exit');
      child.kill();
      // What it holds is in memory, and of no use: there is nothing to wait for.
      const killed = setTimeout(() => child.kill('SIGKILL'), 3_000);
      await exit;
      clearTimeout(killed);
    }
  }
}
