import { rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import { expect, it } from 'vitest';
import { afterTest } from '../../support/after-test';
import { temporaryFolder } from '../start/start-fixture';
import { RECORDED, UNRECORDED } from './routes';
import { ALL_FAULTS, expectClean, startOn, told } from './running';

const PRELOAD = path.join(__dirname, '..', '..', 'support', 'faulty-files.mjs');

/** The processes of a pipeline that is started meanwhile fail as the file says that is written. */
function faults() {
  const file = path.join(temporaryFolder(), 'faults.json');
  const { NODE_OPTIONS, AUDIT_PROXY_TEST_FAULTS } = process.env;
  Object.assign(process.env, { NODE_OPTIONS: `--import ${pathToFileURL(PRELOAD)}`, AUDIT_PROXY_TEST_FAULTS: file });
  const restore = () => {
    for (const [name, value] of Object.entries({ NODE_OPTIONS, AUDIT_PROXY_TEST_FAULTS })) {
      if (value === undefined) delete process.env[name];
      else process.env[name] = value;
    }
  };
  afterTest(restore);
  return {
    restore,
    begin: (code: string, calls: readonly string[], under: readonly string[]) =>
      writeFileSync(file, JSON.stringify({ code, calls, under })),
    end: () => rmSync(file, { force: true }),
  };
}

const LOG = ['/wal/'];
const FALLBACK = ['/fallback/', '/.staging/'];

/** Where a fault of both the write-ahead log and the object store leaves no sink. */
const NO_SINK = [
  ['ENOSPC', ['write'], [...LOG, ...FALLBACK]],
  ['ENOSPC', ['sync'], [...LOG, ...FALLBACK]],
  ['EDQUOT', ['write'], [...LOG, ...FALLBACK]],
  ['EIO', ['sync'], [...LOG, ...FALLBACK]],
  ['EMFILE', ['open'], [...LOG, ...FALLBACK]],
  ['EACCES', ['open', 'mkdir', 'link'], [...LOG, ...FALLBACK]],
  ['EROFS', ['open', 'write', 'mkdir', 'link', 'rename', 'unlink'], ['/trail/']],
] as const;

const STAND_FOR_OTHERS: readonly string[] = ['ENOSPC', 'EROFS'];

it('holds every guarantee while no sink can write, whatever the error, and goes on by itself after each', async () => {
  const fault = faults();
  const data = path.join(temporaryFolder(), 'trail');
  const { running, call, stopped } = await startOn(data);
  fault.restore();
  for (const [code, calls, under] of NO_SINK.filter(([code]) => ALL_FAULTS || STAND_FOR_OTHERS.includes(code))) {
    fault.begin(code, calls, under);
    // A segment of the write-ahead log that is open already takes records for a second.
    if (!(calls as readonly string[]).includes('write')) await sleep(1500);
    expect(await call(), code).toEqual(UNRECORDED);
    fault.end();
    expect(await call(), code).toEqual(RECORDED);
  }
  await told(running, /refusing records/);
  const { code, stdout, stderr } = await stopped();
  expect(code, stdout + stderr).toBe(2);
  expect(stdout).toMatch(/\d+ events are only in \S+function\.log; run: audit-proxy recover/);
  await expectClean(data, stderr);
}, 60_000);

/** Where one thing fails, and something else takes its place or waits for it. */
const ONE_PLACE = [
  ['ENOSPC', ['write'], LOG, /refusing records: Error: ENOSPC/],
  ['EIO', ['sync'], LOG, /refusing records: Error: EIO/],
  ['ENOSPC', ['write'], ['/.staging/'], /cannot deliver yet, \d+ bytes stay in the log: Error: ENOSPC/],
  ['EIO', ['sync'], ['/.staging/'], /cannot deliver yet, \d+ bytes stay in the log: Error: EIO/],
  ['EDQUOT', ['link'], ['/events/'], /cannot deliver yet, \d+ bytes stay in the log: Error: EDQUOT/],
  ['EACCES', ['mkdir'], ['/events/', '/edge/'], undefined],
  ['ENOSPC', ['write'], ['/edge-log.journal'], /edge log: its journal cannot be written: ENOSPC/],
  ['ENOSPC', ['write'], ['/.staging-ledger/'], /sealer: cannot seal now: Error: ENOSPC/],
  ['EIO', ['sync'], ['/.staging-ledger/'], /sealer: cannot seal now: Error: EIO/],
  [
    'EROFS',
    ['open', 'link', 'rename', 'mkdir'],
    ['/ledger/', '/.staging-ledger'],
    /sealer: cannot seal now: Error: EROFS/,
  ],
  ['EDQUOT', ['rename'], ['/ledger/'], /sealer: cannot seal now: Error: EDQUOT/],
] as const;

it('loses nothing where one place cannot be written, says which, and goes on by itself', async () => {
  const fault = faults();
  const data = path.join(temporaryFolder(), 'trail');
  const { running, call, stopped } = await startOn(data);
  fault.restore();
  for (const [code, calls, under, warning] of ONE_PLACE) {
    fault.begin(code, calls, under);
    expect(await call(), `${code} ${under[0]}`).toEqual(RECORDED);
    if (warning !== undefined) await told(running, warning);
    fault.end();
    expect(await call(), `${code} ${under[0]}`).toEqual(RECORDED);
  }
  const { code, stdout, stderr } = await stopped();
  expect(code, stdout + stderr).toBe(0);
  expect(stdout).toContain('stopped, every event is in the trail');
  await expectClean(data, stderr);
}, 120_000);
