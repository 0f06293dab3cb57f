import { randomUUID } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import type { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import type { FunctionPoolOptions } from '../../../bin/local/runtime/pool';
import { runFunction } from './test-function';

/** A function that streams; its body gets `event`, `stream`, `context`, and `note`, which writes a line to a file. */
async function runStreaming(body: string, options: Partial<FunctionPoolOptions> = {}) {
  const source = `
    import { appendFileSync } from 'node:fs';
    const note = (line) => appendFileSync(process.env.FOLDER + '/notes', line + '\\n');
    const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
    export const handler = awslambda.streamifyResponse(async (event, stream, context) => { ${body} });`;
  const { pool, folder, log } = await runFunction(source, options);
  const file = path.join(folder, 'notes');
  return {
    pool,
    log,
    notes: () => (existsSync(file) ? readFileSync(file, 'utf8').trimEnd().split('\n') : []),
    stream: (event: object, until: { dropped?: AbortSignal; givenUp?: AbortSignal } = {}): Promise<Readable> =>
      pool.invokeStreaming(
        JSON.stringify(event),
        { givenUp: new AbortController().signal, dropped: new AbortController().signal, ...until },
        randomUUID(),
      ),
  };
}

/** Notes when and how the function's own stream ends, and lives on. */
const WATCH = `
  stream.on('error', () => note('error'));
  const closed = new Promise((resolve) => stream.on('close', () => { note('close'); resolve(); }));`;

describe('a streamed response', () => {
  it('comes part by part, while the function goes on', async () => {
    const { stream, notes } = await runStreaming(
      `stream.on('finish', () => note('finish'));
       stream.write('first ' + event.n + ' ' + context.functionName + ' ');
       await pause(150);
       note('second');
       stream.end('second');
       await new Promise((resolve) => stream.on('finish', resolve));
       note('done');`,
    );
    const body = await stream({ n: 1 });
    const parts = body[Symbol.asyncIterator]() as AsyncIterator<Buffer>;
    expect(String((await parts.next()).value)).toBe('first 1 audit-proxy ');
    expect(notes()).toEqual([]);
    expect(String((await parts.next()).value)).toBe('second');
    expect((await parts.next()).done).toBe(true);
    await expect.poll(notes).toEqual(['second', 'finish', 'done']);
  });

  it('begins with what HttpResponseStream was given, by its first write', async () => {
    const { stream } = await runStreaming(
      `const out = awslambda.HttpResponseStream.from(stream, { statusCode: 201 });
       if (event.write) out.write('body');
       try { out.setContentType('text/plain'); } catch (error) { out.write(error.message); }
       out.end();`,
    );
    expect(await text(await stream({ write: true }))).toBe(
      '{"statusCode":201}\0\0\0\0\0\0\0\0bodyCannot set content-type, too late.',
    );
    expect(await text(await stream({}))).toBe('');
  });

  it('is written no faster than it is read, and not kept in memory', async () => {
    const { stream, notes } = await runStreaming(
      `const part = Buffer.alloc(256 * 1024, 'x');
       for (let i = 1; i <= 128; i += 1) {
         if (!stream.write(part)) await new Promise((resolve) => stream.once('drain', resolve));
         note(i);
       }
       stream.end();`,
    );
    const body = await stream({});
    await sleep(300);
    const written = notes().length;
    // What the sockets between hold, some 6 MB on Linux.
    expect(written).toBeLessThan(64);
    await sleep(200);
    expect(notes().length).toBe(written);
    let length = 0;
    for await (const part of body) length += (part as Buffer).length;
    expect(length).toBe(32 * 1024 * 1024);
    expect(notes().length).toBe(128);
  });

  it('fails with what the handler threw, before its first byte or midway, and the environment lives on', async () => {
    const { stream, pool, log } = await runStreaming(
      `if (event.begin) { stream.write('half of '); await pause(50); }
       throw new TypeError('oh no');`,
    );
    const { pids } = pool;
    await expect(text(await stream({}))).rejects.toMatchObject({ type: 'TypeError', message: 'oh no' });
    const body = await stream({ begin: true });
    let read = '';
    body.on('data', (part: Buffer) => (read += part.toString()));
    await expect(text(body)).rejects.toMatchObject({ name: 'FunctionError', type: 'TypeError', message: 'oh no' });
    expect(read).toBe('half of ');
    expect(log()).toContain('oh no');
    expect(pool.pids).toEqual(pids);
  });

  it('fails where the handler is not async, and where it closes its stream', async () => {
    const source = `
      export const handler = awslambda.streamifyResponse((event, stream) => {
        if (!event.destroy) return 'answer';
        if (event.write) stream.write('half of ');
        return new Promise((resolve) => setTimeout(() => resolve(stream.destroy()), 50));
      });`;
    const { pool } = await runFunction(source);
    const stream = (event: object) => {
      const { signal } = new AbortController();
      return pool.invokeStreaming(JSON.stringify(event), { givenUp: signal, dropped: signal }, randomUUID());
    };
    await expect(text(await stream({}))).rejects.toThrow('Streaming does not support non-async handlers.');
    await expect(stream({ destroy: true })).rejects.toMatchObject({ type: 'Runtime.NoResponse' });
    await expect(text(await stream({ destroy: true, write: true }))).rejects.toMatchObject({
      type: 'Runtime.Truncated',
    });
  });

  it('fails where the process dies, or the time is up', async () => {
    const { stream } = await runStreaming(
      `stream.write('half of ');
       await pause(50);
       if (event.die) process.exit(3);
       await pause(60_000);`,
      { timeoutMs: 1_000 },
    );
    await expect(text(await stream({ die: true }))).rejects.toMatchObject({ type: 'Runtime.Truncated' });
    await expect(text(await stream({}))).rejects.toMatchObject({
      type: 'Sandbox.Timedout',
      message: 'Task timed out after 1 seconds',
    });
  });
});

describe('a response that nobody takes', () => {
  it('is closed midway, and the environment takes the next one', async () => {
    const { stream, notes, pool } = await runStreaming(
      `if (event.next) { stream.end('next'); return; }
       ${WATCH}
       stream.write('first');
       await closed;`,
    );
    const [pid] = pool.pids;
    const body = await stream({});
    body.destroy();
    expect(await text(await stream({ next: true }))).toBe('next');
    expect(notes()).toEqual(['error', 'close']);
    expect(pool.pids).toEqual([pid]);
  });

  it('is closed before its first byte, be it dropped before the function runs', async () => {
    const { stream, notes } = await runStreaming(
      `if (event.next) { stream.end('next'); return; }
       ${WATCH}
       note('running');
       await closed;`,
    );
    const midway = new AbortController();
    const answer = stream({}, { dropped: midway.signal });
    const before = stream({}, { dropped: AbortSignal.abort() });
    await expect.poll(notes).toEqual(['running']);
    midway.abort();
    await expect(answer).rejects.toMatchObject({ type: 'Dropped' });
    await expect(before).rejects.toMatchObject({ type: 'Dropped' });
    expect(await text(await stream({ next: true }))).toBe('next');
    expect(notes()).toEqual(['running', 'error', 'close', 'running', 'error', 'close']);
  });
});

describe('a pool for streams', () => {
  it('grows as streams come, one in each environment, up to its most', async () => {
    const { stream, pool } = await runStreaming(
      `stream.write(String(process.pid));
       await new Promise((resolve) => { process.on('SIGUSR2', resolve); });
       stream.end();`,
      { concurrency: 1, maxConcurrency: 2 },
    );
    const pidOf = async (body: Readable) => Number((await body.iterator({ destroyOnReturn: false }).next()).value);
    expect(pool.pids).toHaveLength(1);
    const [first, second] = await Promise.all([stream({}), stream({})]);
    const pids = await Promise.all([first, second].map(pidOf));
    expect(new Set(pids)).toEqual(new Set(pool.pids));
    expect(pool.pids).toHaveLength(2);

    await expect(stream({}, { givenUp: AbortSignal.timeout(100) })).rejects.toMatchObject({ name: 'NeverInvoked' });
    const third = stream({});
    process.kill(pids[0] ?? 0, 'SIGUSR2');
    first.resume();
    expect(await pidOf(await third)).toBe(pids[0]);
    expect(pool.pids).toHaveLength(2);
    for (const pid of pool.pids) process.kill(pid, 'SIGUSR2');
  });

  it('takes either call for either kind of answer, as Lambda does', async () => {
    const { pool } = await runStreaming(`stream.end('{"streamed":true}');`);
    const whole = await runFunction(`export const handler = async () => ({ streamed: false });`);
    const { signal } = new AbortController();
    expect(await pool.invoke('{}', signal, randomUUID())).toBe('{"streamed":true}');
    const body = await whole.pool.invokeStreaming('{}', { givenUp: signal, dropped: signal }, randomUUID());
    expect(await text(body)).toBe('{"streamed":false}');
  });
});
