import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, it, onTestFinished } from 'vitest';
import { randomFrom } from '../../ledger/seal/support';
import { temporaryFolder, verifiedLeaves } from './support';

const PROGRAM = path.join(__dirname, '..', '..', '..', 'dist', 'lambda', 'sealer-local', 'index.mjs');

function start(data: string): ChildProcess {
  const args = [PROGRAM, '--data', data, '--interval-ms', '5'];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'ignore', 'pipe', 'ipc'] });
  onTestFinished(() => void child.kill('SIGKILL'));
  return child;
}

async function message(child: ChildProcess): Promise<{ readonly vkey?: string; readonly error?: string }> {
  const [first] = (await once(child, 'message')) as [{ vkey?: string; error?: string }];
  return first;
}

async function ended(child: ChildProcess): Promise<number | null> {
  const [code] = (await once(child, 'exit')) as [number | null];
  return code;
}

/** As the pipeline's other parts bring objects: whole, under a new name. */
function bring(data: string, name: string): void {
  const folder = path.join(data, 'edge/dt=2026-11-24/hour=07');
  mkdirSync(folder, { recursive: true });
  writeFileSync(path.join(data, 'half'), `the object ${name}`);
  renameSync(path.join(data, 'half'), path.join(folder, name));
}

it('seals what is there before it ends, and what was there before it began', async () => {
  const data = temporaryFolder();
  bring(data, 'before');
  const sealer = start(data);
  const { vkey } = await message(sealer);
  bring(data, 'after');
  sealer.send({ stop: true });
  expect(await ended(sealer)).toBe(0);
  expect(await verifiedLeaves(data, vkey!)).toHaveLength(2);
});

it('is killed at any time, again and again: the ledger stays one, and gets all', async () => {
  const data = temporaryFolder();
  const random = randomFrom(20_261_124);
  let count = 0;
  for (let round = 0; round < 8; round++) {
    const sealer = start(data);
    if (round > 0) await message(sealer);
    const end = Date.now() + random() * 250;
    while (Date.now() < end) {
      bring(data, `object-${(count += 1)}`);
      await sleep(3);
    }
    sealer.kill('SIGKILL');
    await ended(sealer);
  }
  const last = start(data);
  const { vkey } = await message(last);
  last.send({ stop: true });
  expect(await ended(last)).toBe(0);
  expect(await verifiedLeaves(data, vkey!)).toHaveLength(count);
});

it('shares a folder with another one', async () => {
  const data = temporaryFolder();
  const sealers = [start(data), start(data), start(data)];
  const [first] = await Promise.all(sealers.map(message));
  for (let i = 0; i < 60; i++) {
    bring(data, `object-${i}`);
    await sleep(2);
  }
  for (const sealer of sealers) sealer.send({ stop: true });
  expect(await Promise.all(sealers.map(ended))).toEqual([0, 0, 0]);
  expect(await verifiedLeaves(data, first!.vkey!)).toHaveLength(60);
});

it('says why it cannot start, and that sealing stopped', async () => {
  const data = temporaryFolder();
  mkdirSync(path.join(data, 'keys'));
  writeFileSync(path.join(data, 'keys/ledger.pem'), 'not a key');
  const refused = start(data);
  expect((await message(refused)).error).toEqual(expect.any(String));
  expect(await ended(refused)).toBe(2);

  const other = temporaryFolder();
  bring(other, 'a');
  mkdirSync(path.join(other, 'ledger/versions/head'), { recursive: true });
  writeFileSync(path.join(other, 'ledger/versions/head/0000000000000001'), 'no head');
  const stuck = start(other);
  let stderr = '';
  stuck.stderr!.on('data', (part: Buffer) => (stderr += part.toString()));
  while (!stderr.includes('\n')) await once(stuck.stderr!, 'data');
  expect(stderr).toContain('sealing stopped: SealError');
  stuck.send({ stop: true });
  expect(await ended(stuck)).toBe(1);
  expect(readFileSync(path.join(other, 'keys/ledger.vkey'), 'utf8')).toContain('local-trail/');
});
