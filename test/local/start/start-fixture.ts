import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import http from 'node:http';
import type net from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterTest } from '../../support/after-test';

export const ROOT = path.join(__dirname, '..', '..', '..');
export const CLI = path.join(ROOT, 'dist', 'bin', 'audit-proxy.js');

export function temporaryFolder(): string {
  const folder = mkdtempSync(path.join(tmpdir(), 'pipeline-'));
  afterTest(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** A config file with one route, `/slow`, to a service of the test's own. */
export function configFor(upstream: string, more: object = {}): string {
  const file = path.join(temporaryFolder(), 'config.json');
  writeFileSync(file, JSON.stringify({ routes: [{ path: '/slow', upstream }], ...more }));
  return file;
}

export async function upstreamThat(answer: http.RequestListener): Promise<string> {
  const server = http.createServer(answer);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  afterTest(() => {
    server.close();
    server.closeAllConnections();
  });
  return `http://127.0.0.1:${(server.address() as net.AddressInfo).port}`;
}

/** Ctrl-C in a terminal: the signal reaches every process of the pipeline at once. */
export function ctrlC({ child }: Running): void {
  process.kill(-(child.pid ?? NaN), 'SIGINT');
}

export interface Running {
  readonly child: ChildProcess;
  readonly stdout: () => string;
  readonly stderr: () => string;
  /** Exit code; null if a signal ended it. */
  readonly exit: Promise<number | null>;
}

export function startCli(...args: string[]): Running {
  const child = spawn(process.execPath, [CLI, 'start', ...args], {
    cwd: ROOT,
    stdio: ['ignore', 'pipe', 'pipe'],
    // A process group of its own, as in a terminal.
    detached: true,
  });
  const output = { stdout: '', stderr: '' };
  child.stdout.on('data', (part: Buffer) => (output.stdout += part.toString()));
  child.stderr.on('data', (part: Buffer) => (output.stderr += part.toString()));
  const exit = once(child, 'close').then(([code]) => code as number | null);
  afterTest(async () => {
    child.kill('SIGTERM');
    await exit;
  });
  return { child, stdout: () => output.stdout, stderr: () => output.stderr, exit };
}

/** Resolves with the gateway's URL once the banner is out. */
export async function ready({ child, stdout, stderr, exit }: Running): Promise<string> {
  let ended = false;
  void exit.then(() => (ended = true));
  while (!/audit-proxy events/.test(stdout())) {
    if (ended) throw new Error(`ended before it was ready: ${stderr()}`);
    await Promise.race([once(child.stdout!, 'data'), exit]);
  }
  const url = /gateway +(http:\S+)/.exec(stdout())?.[1];
  if (url === undefined) throw new Error(`no gateway in the banner: ${stdout()}`);
  return url;
}
