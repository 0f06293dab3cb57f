import { fork, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';

export interface ServiceProcess {
  readonly url: string;
  /** Requests it got so far. */
  count(): Promise<number>;
  stop(): void;
}

/** @param program the bundled `bench/load/service.ts` */
export async function startServiceProcess(program: string, delayMs: number): Promise<ServiceProcess> {
  const child = fork(program, [String(delayMs)], { stdio: 'inherit' });
  const [{ port }] = (await once(child, 'message')) as [{ port: number }];
  return {
    url: `http://127.0.0.1:${port}`,
    count: async () => {
      const told = once(child, 'message') as Promise<[{ count: number }]>;
      child.send('count');
      return (await told)[0].count;
    },
    stop: () => child.disconnect(),
  };
}

export interface PipelineProcess {
  readonly url: string;
  readonly dataFolder: string;
  /** Delivers everything and ends. */
  stop(): Promise<void>;
}

/**
 * The whole pipeline as its own process, as `npm start` runs it.
 *
 * @param folder for config and trail
 */
export async function startPipelineProcess(folder: string, routes: readonly object[]): Promise<PipelineProcess> {
  const config = path.join(folder, 'audit-proxy.json');
  const dataFolder = path.join(folder, 'trail');
  await writeFile(config, JSON.stringify({ routes }));
  const child = spawn(
    process.execPath,
    ['dist/bin/audit-proxy.js', 'start', '--port', '0', '--config', config, '--data', dataFolder],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  );
  return {
    url: await urlOf(child),
    dataFolder,
    async stop() {
      const exit = once(child, 'exit');
      child.kill('SIGINT');
      const [code] = (await exit) as [number | null];
      if (code !== 0) throw new Error(`the pipeline did not deliver everything (exit code ${code})`);
    },
  };
}

/** The gateway's URL, from what `start` prints. */
function urlOf(child: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    let text = '';
    child.stdout?.on('data', (chunk: Buffer) => {
      text += chunk.toString();
      const url = /http:\/\/127\.0\.0\.1:\d+/.exec(text)?.[0];
      if (url !== undefined) resolve(url);
    });
    child.once('exit', (code) => reject(new Error(`the pipeline does not start (exit code ${code})`)));
  });
}
