import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { mountRefusal, SmallDisk } from '../../support/small-disk';
import { immutabilityRefusal, makeImmutable } from '../../support/immutable-folder';
import { temporaryFolder } from '../start/start-fixture';
import { RECORDED, UNRECORDED } from './routes';
import { ALL_FAULTS, expectClean, startOn, told } from './running';

const refusal = mountRefusal();
if (refusal !== undefined) console.warn(`SKIPPED: a full disk, as nothing can be mounted here: ${refusal}`);

const noImmutable = immutabilityRefusal();
if (noImmutable !== undefined)
  console.warn(`SKIPPED: a read-only folder, as chattr does not work here: ${noImmutable}`);

it.skipIf(refusal !== undefined)(
  'keeps every guarantee on a full disk, prints what it cannot write, and goes on by itself',
  async () => {
    const disk = new SmallDisk('8m');
    const data = path.join(disk.folder, 'trail');
    const { running, call, stopped } = await startOn(data);
    disk.fill();
    for (let round = 1; round <= 3; round++) expect(await call()).toEqual(UNRECORDED);
    await told(running, /refusing records: Error: ENOSPC/);
    disk.free();
    expect(await call()).toEqual(RECORDED);

    const { code, stdout, stderr } = await stopped();
    expect(code, stderr).toBe(2);
    expect(stdout).toMatch(
      /stopped, but not every event is in the trail:\n(?:.*\n)* {2}\d+ events are only in this output, on stderr/,
    );
    expect(stdout).not.toContain('stopped, every event');
    await expectClean(data, stderr);
  },
  60_000,
);

it.skipIf(refusal !== undefined || !ALL_FAULTS)(
  'loses nothing where the disk stays full until it has stopped',
  async () => {
    const disk = new SmallDisk('8m');
    const data = path.join(disk.folder, 'trail');
    const { call, stopped } = await startOn(data);
    disk.fill();
    expect(await call()).toEqual(UNRECORDED);
    const { code, stdout, stderr } = await stopped();
    expect(code, stdout).toBe(2);
    disk.free();

    const again = await startOn(data);
    expect((await again.stopped()).code).not.toBeNull();
    await expectClean(data, stderr);
  },
  60_000,
);

it.skipIf(noImmutable !== undefined || !ALL_FAULTS)(
  'keeps every guarantee in a folder that became read-only, and says what is only on the log',
  async () => {
    const data = path.join(temporaryFolder(), 'trail');
    const { running, call, stopped } = await startOn(data);
    // Its open segment of the write-ahead log takes records for a second.
    await sleep(1500);
    const mend = makeImmutable(data);
    expect(await call()).toEqual(UNRECORDED);
    expect(await call()).toEqual(UNRECORDED);
    await told(running, /refusing records/);
    mend();
    expect(await call()).toEqual(RECORDED);

    const { code, stdout, stderr } = await stopped();
    expect(code, stderr).toBe(2);
    const log = path.join(data, 'function.log');
    const lines = readFileSync(log, 'utf8')
      .split('\n')
      .filter((line) => line.includes('audit_proxy_last_resort'));
    expect(stdout).toContain(
      `  ${lines.length} events are only in ${log}; run: audit-proxy recover ${log} --local ${data}\n`,
    );
    expect(stderr).not.toContain('audit_proxy_last_resort');
    await expectClean(data, stderr);

    // What was brought in counts as lost no more.
    const again = await startOn(data);
    expect(await again.stopped()).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('every event is in the trail'),
    });
  },
  60_000,
);

it.skipIf(noImmutable !== undefined)(
  'warns once of a ledger that is read-only, and seals by itself when it is writable again',
  async () => {
    const data = path.join(temporaryFolder(), 'trail');
    const { running, call, stopped } = await startOn(data);
    expect(await call()).toEqual(RECORDED);
    while (!existsSync(path.join(data, 'ledger', 'checkpoint'))) await sleep(100);
    const mend = makeImmutable(path.join(data, 'ledger'));
    expect(await call()).toEqual(RECORDED);
    await told(running, /sealer: cannot seal now: /);
    await sleep(2500);
    expect(running.stderr().match(/cannot seal now/g)).toHaveLength(1);
    mend();
    await told(running, /sealer: all of the trail is sealed again/);

    const { code, stdout, stderr } = await stopped();
    expect(code, stderr).toBe(0);
    expect(stdout).toContain('stopped, every event is in the trail');
    await expectClean(data, stderr);
  },
  60_000,
);
