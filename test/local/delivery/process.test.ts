import { PutRecordBatchCommand, PutRecordCommand, type FirehoseClient } from '@aws-sdk/client-firehose';
import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, writeFileSync } from 'node:fs';
import net from 'node:net';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ARRIVAL, event, firehose, keysIn, query, temporaryFolder, uidsIn, until } from './support';

const PROGRAM = path.join(__dirname, '..', '..', '..', 'dist', 'bin', 'local', 'delivery', 'main.js');
const DeliveryStreamName = 'audit-events';

let data: string;
let children: ChildProcess[];
beforeEach(() => {
  data = temporaryFolder();
  children = [];
});
afterEach(async () => {
  for (const child of children) {
    if (child.exitCode !== null || child.signalCode !== null) continue;
    child.kill('SIGKILL');
    await once(child, 'exit');
  }
});

interface Started {
  readonly child: ChildProcess;
  readonly port: number;
  readonly client: FirehoseClient;
  readonly stderr: () => string;
}

function forkProgram(...args: string[]): ChildProcess {
  const child = fork(PROGRAM, ['--data', data, ...args], { silent: true });
  children.push(child);
  return child;
}

async function start(...args: string[]): Promise<Started> {
  const child = forkProgram(...args);
  let stderr = '';
  child.stderr!.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
  const [message] = (await once(child, 'message')) as [{ ready?: boolean; port: number; error?: string }];
  expect(message).toEqual({ ready: true, port: expect.any(Number) as number });
  return { child, port: message.port, client: firehose(message.port), stderr: () => stderr };
}

async function put({ client }: Started, uid: string, time = ARRIVAL): Promise<void> {
  const Data = Buffer.from(JSON.stringify(event(uid, time)));
  await client.send(new PutRecordCommand({ DeliveryStreamName, Record: { Data } }));
}

async function exitCode(child: ChildProcess): Promise<number | null> {
  if (child.exitCode !== null) return child.exitCode;
  const [code] = (await once(child, 'exit')) as [number | null];
  return code;
}

describe('the delivery stream’s process', () => {
  it('makes an event visible within two seconds of its put, partitioned by its time', async () => {
    const stream = await start();
    const begun = Date.now();
    await put(stream, 'a', Date.parse('2026-11-24T23:59:59.999Z'));
    await until(() => keysIn(data, 'events').length === 1, 2000);
    expect(await query(data, 'SELECT metadata.uid AS uid, dt, hour FROM EVENTS')).toEqual([
      { uid: 'a', dt: '2026-11-24', hour: '23' },
    ]);
    expect(Date.now() - begun).toBeLessThan(3000);
  });

  it('delivers everything it took when it is told to stop', async () => {
    const stream = await start('--buffer-ms', '60000');
    await Promise.all(['a', 'b', 'c'].map((uid) => put(stream, uid)));
    expect(keysIn(data, 'events')).toEqual([]);
    stream.child.send({ stop: true });
    expect(await exitCode(stream.child)).toBe(0);
    expect(await uidsIn(data)).toEqual(['a', 'b', 'c']);
    expect(readdirSync(path.join(data, 'wal'))).toEqual([]);
  });

  it.each(['SIGTERM', 'the loss of its parent'])('delivers everything on %s', async (cause) => {
    const stream = await start('--buffer-ms', '60000');
    await put(stream, 'a');
    if (cause === 'SIGTERM') stream.child.kill('SIGTERM');
    else stream.child.disconnect();
    expect(await exitCode(stream.child)).toBe(0);
    expect(await uidsIn(data)).toEqual(['a']);
  });

  it('leaves Ctrl-C to its parent', async () => {
    const stream = await start();
    stream.child.kill('SIGINT');
    await put(stream, 'a');
    stream.child.send({ stop: true });
    expect(await exitCode(stream.child)).toBe(0);
    expect(await uidsIn(data)).toEqual(['a']);
  });

  it('serves several streams', async () => {
    const stream = await start('--stream', 'one', '--stream', 'two');
    for (const name of ['one', 'two']) {
      const Data = Buffer.from(JSON.stringify(event(name)));
      await stream.client.send(new PutRecordCommand({ DeliveryStreamName: name, Record: { Data } }));
    }
    await expect(put(stream, 'x')).rejects.toMatchObject({ name: 'ResourceNotFoundException' });
    stream.child.send({ stop: true });
    await exitCode(stream.child);
    expect(await uidsIn(data)).toEqual(['one', 'two']);
  });

  it('can be killed at any time and loses no acknowledged record', async () => {
    const acknowledged = new Set<string>();
    const sent = new Set<string>();
    let port = '0';
    for (let round = 0; round < 6; round += 1) {
      const stream = await start('--port', port, '--buffer-ms', '60');
      port = String(stream.port);
      let running = true;
      const producers = Array.from({ length: 8 }, async (_, producer) => {
        for (let i = 0; running; i += 1) {
          const uids = Array.from({ length: 1 + (i % 5) }, (_, j) => `${round}-${producer}-${i}-${j}`);
          uids.forEach((uid) => sent.add(uid));
          const Records = uids.map((uid) => ({ Data: Buffer.from(JSON.stringify(event(uid))) }));
          const answer = await stream.client
            .send(new PutRecordBatchCommand({ DeliveryStreamName, Records }))
            .catch(() => undefined);
          uids.forEach((uid, j) => answer?.RequestResponses?.[j]?.RecordId && acknowledged.add(uid));
        }
      });
      // Somewhere else each round: while records come in, segments are sealed, objects are written.
      const before = acknowledged.size;
      await until(() => acknowledged.size >= before + 30, 10_000);
      await new Promise((resolve) => setTimeout(resolve, round * 37));
      stream.child.kill('SIGKILL');
      await exitCode(stream.child);
      running = false;
      await Promise.all(producers);
    }
    const last = await start('--port', port);
    last.child.send({ stop: true });
    expect(await exitCode(last.child)).toBe(0);

    const delivered = await uidsIn(data);
    expect(acknowledged.size).toBeGreaterThanOrEqual(6 * 30);
    const present = new Set(delivered);
    expect([...acknowledged].filter((uid) => !present.has(uid))).toEqual([]);
    expect(delivered.filter((uid) => !sent.has(uid))).toEqual([]);
    // A segment that was delivered twice came to the same keys.
    expect(delivered.length).toBe(present.size);
    expect(readdirSync(path.join(data, 'wal'))).toEqual([]);
    expect(keysIn(data, 'errors')).toEqual([]);
  });

  it('delivers thousands of records at once', async () => {
    const stream = await start('--buffer-ms', '60000');
    const Records = Array.from({ length: 500 }, (_, i) => ({ Data: Buffer.from(JSON.stringify(event(`bulk-${i}`))) }));
    for (let i = 0; i < 8; i += 1) {
      await stream.client.send(new PutRecordBatchCommand({ DeliveryStreamName, Records }));
    }
    stream.child.send({ stop: true });
    expect(await exitCode(stream.child)).toBe(0);
    expect(await uidsIn(data)).toHaveLength(4000);
  });
});

describe('the delivery stream’s process that cannot start', () => {
  async function failure(...args: string[]): Promise<string> {
    const child = forkProgram(...args);
    const [[message], code] = await Promise.all([
      once(child, 'message') as Promise<[{ error: string }]>,
      exitCode(child),
    ]);
    expect(code).toBe(2);
    expect(message.error).not.toContain('\n');
    return message.error;
  }

  it('says that the port is taken', async () => {
    const other = net.createServer().listen(0, '127.0.0.1');
    await once(other, 'listening');
    const { port } = other.address() as net.AddressInfo;
    expect(await failure('--port', String(port))).toBe(`port ${port} is taken`);
    other.close();
  });

  it('says that another process works in the folder', async () => {
    await start();
    expect(await failure()).toContain('is in use by another process');
  });

  it('says that the folder cannot be used', async () => {
    const file = path.join(data, 'file');
    writeFileSync(file, '');
    expect(await failure('--data', file)).toContain(file);
  });

  it.each([
    [['--port', 'x'], '--port must be a whole number up to 65535, got x'],
    [['--buffer-ms', '-1'], /buffer-ms/],
    [['--nonsense'], /--nonsense/],
  ])('says what is wrong with %j', async (args, message) => {
    expect(await failure(...args)).toMatch(message);
  });
});
