import path from 'node:path';
import { writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { DeliveryProcess } from '../../../bin/local/delivery-process';
import { afterTest } from '../../support/after-test';
import { ROOT, temporaryFolder } from './start-fixture';

const DELIVERY = path.join(ROOT, 'dist', 'bin', 'local', 'delivery', 'main.js');

async function running(program: string) {
  const warnings: string[] = [];
  const dataFolder = temporaryFolder();
  const delivery = await DeliveryProcess.start({
    program,
    dataFolder,
    streams: ['audit-events'],
    warn: (line) => warnings.push(line),
  });
  let stopped: Promise<boolean> | undefined;
  const stop = () => (stopped ??= delivery.stop());
  afterTest(stop);
  return { delivery, warnings, stop };
}

it('starts a delivery stream again that dies, on the same port, and says so', async () => {
  const { delivery, warnings } = await running(DELIVERY);
  const { port, pid } = delivery;

  process.kill(pid ?? 0, 'SIGKILL');
  while (warnings.length < 2) await sleep(10);

  expect(warnings).toEqual([
    `the delivery stream ended unexpectedly (by SIGKILL); starting it again on port ${port}`,
    'the delivery stream runs again, and delivers what it had acknowledged',
  ]);
  expect(delivery.port).toBe(port);
  expect(delivery.pid).not.toBe(pid);
  await expect(fetch(`http://127.0.0.1:${port}/`)).resolves.toBeDefined();
});

it('is stopped by its message, and tells whether all was delivered', async () => {
  const program = path.join(temporaryFolder(), 'program.cjs');
  writeFileSync(
    program,
    `process.send({ ready: true, port: 1234 });
     process.on('message', (message) => { if (message.stop) process.exit(Number(process.env.EXIT_CODE)); });`,
  );
  for (const [code, delivered] of [
    ['0', true],
    ['1', false],
  ] as const) {
    process.env['EXIT_CODE'] = code;
    const { stop, warnings } = await running(program);
    expect(await stop()).toBe(delivered);
    expect(warnings).toEqual([]);
  }
});

it.each([
  [`process.send({ error: 'the folder is full' }, () => process.exit(2));`, 'the folder is full'],
  [`process.exit(7);`, 'it ended at once (exit code 7)'],
])('says why it does not start: %s', async (source, reason) => {
  const program = path.join(temporaryFolder(), 'program.cjs');
  writeFileSync(program, source);
  await expect(running(program)).rejects.toThrow(reason);
});
