import { randomUUID } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { FunctionPool, type FunctionPoolOptions } from '../../../bin/local/runtime/pool';
import { afterTest } from '../../support/after-test';

export const RUNTIME_FILE = path.join(__dirname, '..', '..', '..', 'dist', 'bin', 'local', 'runtime', 'main.js');

export interface TestFunction {
  readonly pool: FunctionPool;
  /** A folder of its own, told to the function as environment variable FOLDER. */
  readonly folder: string;
  invoke(event: object, signal?: AbortSignal): Promise<unknown>;
  log(): string;
}

/** A pool that runs the source of an ESM handler. */
export async function runFunction(source: string, options: Partial<FunctionPoolOptions> = {}): Promise<TestFunction> {
  const folder = writeFunction(source);
  const pool = await FunctionPool.start({
    bundle: folder,
    runtimeFile: RUNTIME_FILE,
    variables: { FOLDER: folder },
    logFolder: folder,
    concurrency: 1,
    ...options,
  });
  afterTest(() => pool.stop());
  return {
    pool,
    folder,
    invoke: async (event, signal = new AbortController().signal) =>
      JSON.parse(await pool.invoke(JSON.stringify(event), signal, randomUUID())) as unknown,
    log: () => readFileSync(path.join(folder, 'function.log'), 'utf8'),
  };
}

/** A folder with the handler as `index.mjs` in it. */
export function writeFunction(source: string): string {
  const folder = mkdtempSync(path.join(tmpdir(), 'function-'));
  afterTest(() => rmSync(folder, { recursive: true, force: true }));
  writeFileSync(path.join(folder, 'index.mjs'), source);
  return folder;
}

/** A handler that works on after its answer, until the file `go` is there, by an internal extension. */
export const EXTENSION = `
import { appendFileSync, existsSync } from 'node:fs';
const base = 'http://' + process.env.AWS_LAMBDA_RUNTIME_API + '/2020-01-01/extension';
const registered = await fetch(base + '/register', {
  method: 'POST',
  headers: { 'Lambda-Extension-Name': 'flush' },
  body: JSON.stringify({ events: ['INVOKE'] }),
});
if (!registered.ok) throw new Error(await registered.text());
const id = registered.headers.get('lambda-extension-identifier');
const note = (line) => appendFileSync(process.env.FOLDER + '/notes', line + '\\n');
let last;
(async () => {
  for (;;) {
    await (await fetch(base + '/event/next', { headers: { 'Lambda-Extension-Identifier': id } })).json();
    while (last === undefined || !existsSync(process.env.FOLDER + '/go')) {
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    note('flushed ' + last);
    last = undefined;
  }
})();
export async function handler(event) {
  note('invoked ' + event.n);
  last = event.n;
  return event.n;
}
`;
