import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { FunctionPool } from '../../../bin/local/runtime/pool';
import { EXTENSION, RUNTIME_FILE, runFunction, writeFunction } from './test-function';

describe('an invocation', () => {
  it('brings the event to the handler and its answer back', async () => {
    const { invoke } = await runFunction(`export const handler = async (event) => ({ got: event });`);
    expect(await invoke({ text: 'grüß 🎉', list: [1] })).toEqual({ got: { text: 'grüß 🎉', list: [1] } });
    expect(await invoke({ again: true })).toEqual({ got: { again: true } });
  });

  it('answers null for a handler that returns nothing', async () => {
    const { invoke } = await runFunction(`export const handler = () => undefined;`);
    expect(await invoke({})).toBeNull();
  });

  it('has a context', async () => {
    const { invoke } = await runFunction(
      `export const handler = async (event, context) => ({ ...context, left: context.getRemainingTimeInMillis() });`,
      { timeoutMs: 5_000 },
    );
    const context = (await invoke({})) as Record<string, unknown>;
    expect(context).toMatchObject({ functionName: 'audit-proxy', functionVersion: '$LATEST', memoryLimitInMB: '512' });
    expect(context['awsRequestId']).toMatch(/^[0-9a-f-]{36}$/);
    expect(context['left']).toBeGreaterThan(3_000);
    expect(context['left']).toBeLessThanOrEqual(5_000);
  });

  it('carries large events and answers', async () => {
    const { invoke } = await runFunction(`export const handler = async (event) => event.body;`);
    const body = 'x'.repeat(5 * 1024 * 1024);
    expect(await invoke({ body })).toBe(body);
  });

  it('fails for an answer beyond 6 MB, and the environment lives on', async () => {
    const { invoke, pool } = await runFunction(
      `export const handler = async (event) => event.large ? 'x'.repeat(7 * 1024 * 1024) : process.pid;`,
    );
    await expect(invoke({ large: true })).rejects.toMatchObject({ type: 'Function.ResponseSizeTooLarge' });
    expect(await invoke({})).toBe(pool.pids[0]);
  });

  it('fails with what the handler threw', async () => {
    const { invoke, log } = await runFunction(`export const handler = async () => { throw new TypeError('oh no'); };`);
    await expect(invoke({})).rejects.toMatchObject({ type: 'TypeError', message: 'oh no' });
    expect(log()).toContain('oh no');
  });
});

describe('an environment', () => {
  it('sees the variables that Lambda sets and nothing of ours', async () => {
    process.env['OF_THE_PARENT'] = 'secret';
    const { invoke, folder } = await runFunction(`export const handler = async () => process.env;`);
    const seen = (await invoke({})) as Record<string, string>;
    expect(seen).toMatchObject({
      AWS_REGION: 'us-east-1',
      AWS_LAMBDA_FUNCTION_NAME: 'audit-proxy',
      AWS_LAMBDA_LOG_GROUP_NAME: '/aws/lambda/audit-proxy',
      LAMBDA_TASK_ROOT: folder,
      _HANDLER: 'index.handler',
      FOLDER: folder,
    });
    expect(seen['AWS_LAMBDA_LOG_STREAM_NAME']).toMatch(/^\d{4}\/\d{2}\/\d{2}\/\[\$LATEST\][0-9a-f]{32}$/);
    expect(seen).not.toHaveProperty('OF_THE_PARENT');
    expect(seen).not.toHaveProperty('HOME');
  });

  it('runs one invocation at a time, and as many at once as there are environments', async () => {
    const { invoke } = await runFunction(
      `let running = 0;
       export const handler = async () => {
         running += 1;
         const most = running;
         await new Promise((resolve) => setTimeout(resolve, 100));
         running -= 1;
         return { pid: process.pid, most };
       };`,
      { concurrency: 2 },
    );
    const answers = (await Promise.all(Array.from({ length: 6 }, () => invoke({})))) as { pid: number; most: number }[];
    expect(answers.map(({ most }) => most)).toEqual([1, 1, 1, 1, 1, 1]);
    expect(new Set(answers.map(({ pid }) => pid)).size).toBe(2);
  });

  it('that dies is replaced, and its invocation fails', async () => {
    const { invoke, log } = await runFunction(
      `export const handler = async (event) => {
         if (event.die) { console.log('last words'); process.exit(3); }
         return process.pid;
       };`,
    );
    const first = await invoke({});
    await expect(invoke({ die: true })).rejects.toMatchObject({
      type: 'Runtime.ExitError',
      message: 'the process ended with exit code 3',
    });
    expect(await invoke({})).not.toBe(first);
    expect(log()).toContain('last words');
  });

  it('that takes too long is killed and replaced', async () => {
    const { invoke } = await runFunction(
      `export const handler = (event) => event.hang ? new Promise(() => setInterval(() => {}, 1000)) : 'fine';`,
      { timeoutMs: 400 },
    );
    await expect(invoke({ hang: true })).rejects.toMatchObject({
      type: 'Sandbox.Timedout',
      message: 'Task timed out after 0.4 seconds',
    });
    expect(await invoke({})).toBe('fine');
  });

  it('prints to the log whole lines, in order', async () => {
    const { invoke, log } = await runFunction(
      `export const handler = async (event) => { for (let i = 0; i < 200; i++) console.log('line ' + event.n + '/' + i); };`,
      { concurrency: 2 },
    );
    await Promise.all([invoke({ n: 1 }), invoke({ n: 2 })]);
    const lines = log().trimEnd().split('\n');
    for (const n of [1, 2]) {
      expect(lines.filter((line) => line.startsWith(`line ${n}/`))).toEqual(
        Array.from({ length: 200 }, (_, i) => `line ${n}/${i}`),
      );
    }
  });
});

describe('work after the response', () => {
  const notes = (folder: string) => readFileSync(path.join(folder, 'notes'), 'utf8').trimEnd().split('\n');
  const letFlush = (folder: string) => writeFileSync(path.join(folder, 'go'), '');

  it('does not delay the answer, and is done before the next invocation', async () => {
    const { invoke, folder } = await runFunction(EXTENSION);

    expect(await invoke({ n: 1 })).toBe(1);
    const second = invoke({ n: 2 });
    await sleep(100);
    expect(notes(folder)).toEqual(['invoked 1']);
    letFlush(folder);

    expect(await second).toBe(2);
    expect(notes(folder).slice(0, 3)).toEqual(['invoked 1', 'flushed 1', 'invoked 2']);
  });

  it('is done before the environment is stopped', async () => {
    const { invoke, folder, pool } = await runFunction(EXTENSION);
    await invoke({ n: 1 });
    const stopped = pool.stop();
    await sleep(100);
    expect(notes(folder)).toEqual(['invoked 1']);
    letFlush(folder);
    await stopped;
    expect(notes(folder)).toEqual(['invoked 1', 'flushed 1']);
  });

  it('that hangs is ended by the time limit, and the environment replaced', async () => {
    const { invoke, folder } = await runFunction(EXTENSION, { timeoutMs: 500 });
    expect(await invoke({ n: 1 })).toBe(1);
    expect(await invoke({ n: 2 })).toBe(2);
    expect(notes(folder)).toEqual(['invoked 1', 'invoked 2']);
  });

  it('cannot be registered once the init phase is over', async () => {
    const { invoke } = await runFunction(
      `export const handler = async () => {
         const url = 'http://' + process.env.AWS_LAMBDA_RUNTIME_API + '/2020-01-01/extension/register';
         const options = { method: 'POST', headers: { 'Lambda-Extension-Name': 'late' }, body: '{"events":["INVOKE"]}' };
         return (await fetch(url, options)).status;
       };`,
    );
    expect(await invoke({})).toBe(403);
  });
});

describe('the pool', () => {
  it('does not start a function that cannot be loaded, and says why', async () => {
    const folder = writeFunction(`throw new Error('no settings');`);
    const start = FunctionPool.start({
      bundle: folder,
      runtimeFile: RUNTIME_FILE,
      variables: {},
      logFolder: folder,
      concurrency: 2,
    });
    await expect(start).rejects.toMatchObject({ name: 'FunctionError', message: 'no settings' });
  });

  it.each([
    ['Runtime.HandlerNotFound', 'index.handler is undefined or not exported', `export const other = 1;`],
    ['Runtime.UserCodeSyntaxError', 'SyntaxError: ', `export const handler = ;`],
    ['Runtime.ImportModuleError', `Error: Cannot find module 'index'`, undefined],
  ])('words %s as AWS’s runtime client does', async (type, message, source) => {
    const folder = writeFunction(source ?? '');
    const bundle = source === undefined ? `${folder}/nowhere` : folder;
    const options = { bundle, runtimeFile: RUNTIME_FILE, variables: {}, logFolder: folder, concurrency: 1 };
    await expect(FunctionPool.start(options)).rejects.toMatchObject({
      type,
      message: expect.stringContaining(message),
    });
  });

  it('does not run what was given up while it waited', async () => {
    const { invoke } = await runFunction(
      `let count = 0;
       export const handler = async (event) => {
         count += 1;
         await new Promise((resolve) => setTimeout(resolve, event.ms));
         return count;
       };`,
    );
    const first = invoke({ ms: 200 });
    await expect(invoke({ ms: 0 }, AbortSignal.timeout(50))).rejects.toMatchObject({
      name: 'NeverInvoked',
      type: 'GivenUp',
    });
    expect(await first).toBe(1);
    expect(await invoke({ ms: 0 })).toBe(2);
  });

  it('tells environments to stop by SIGTERM and waits for their good-byes', async () => {
    const { pool, log } = await runFunction(
      `process.on('SIGTERM', () => setTimeout(() => { console.log('good-bye'); process.exit(0); }, 100));
       export const handler = async () => 'ok';`,
    );
    const [pid] = pool.pids;
    await pool.stop();
    expect(log()).toContain('good-bye');
    expect(() => process.kill(pid ?? 0, 0)).toThrow('ESRCH');
  });

  it('kills what does not heed SIGTERM', async () => {
    const { pool } = await runFunction(
      `process.on('SIGTERM', () => undefined); export const handler = async () => 'ok';`,
    );
    const [pid] = pool.pids;
    await pool.stop();
    expect(() => process.kill(pid ?? 0, 0)).toThrow('ESRCH');
  });

  it('takes no invocations once it stops', async () => {
    const { pool, invoke } = await runFunction(`export const handler = async () => 'ok';`);
    await pool.stop();
    await expect(invoke({})).rejects.toMatchObject({ name: 'NeverInvoked', type: 'Stopped' });
  });

  it('does not lose an environment to Ctrl-C', async () => {
    const { pool, invoke } = await runFunction(`export const handler = async () => process.pid;`);
    const pid = (await invoke({})) as number;
    process.kill(pid, 'SIGINT');
    await sleep(50);
    expect(await invoke({})).toBe(pid);
    expect(pool.pids).toEqual([pid]);
  });
});
