import { appendFile, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { Chain } from '../../lib/event/chain';
import { runCli } from '../support/run-cli';
import { sealRequest } from '../support/sample-events';
import { emptyTrail, writeObject } from '../support/sample-trail';
import { sealFolder } from '../support/seal-folder';

const SAMPLE_TIME = Date.UTC(2026, 10, 24, 7);

interface Report {
  readonly code: number | null;
  readonly intact: boolean;
  readonly checked_here: readonly string[];
  readonly totals: Record<string, number>;
  readonly findings: readonly { code: string; object: string; detail: string }[];
  readonly notices: readonly { code: string; detail: string }[];
  readonly not_checked_here: readonly string[];
  readonly key: string;
}

/** A trail of two sealed objects, and the folder in which its verifier works. */
let dir: string;
let cwd: string;
let writer: Chain;

beforeEach(async () => {
  [dir, cwd] = [await emptyTrail(), await emptyTrail()];
  writer = new Chain('writer');
  await deliver('a');
  await deliver('b');
  await sealFolder(dir);
});

function deliver(name: string): Promise<string> {
  return writeObject(dir, name, sealRequest(writer, { time: SAMPLE_TIME }).map(({ event }) => event)); // prettier-ignore
}

async function verify(...args: string[]): Promise<Report> {
  const { code, stdout, stderr } = await runCli(['verify', '--local', dir, '--format', 'json', ...args], { cwd });
  expect(stderr).toBe('');
  return { code, ...(JSON.parse(stdout) as Omit<Report, 'code'>) };
}

const codes = (items: readonly { code: string }[]) => items.map(({ code }) => code).sort();
const vkey = async () => (await readFile(path.join(dir, 'keys/ledger.vkey'), 'utf8')).trim();

describe('audit-proxy verify of a trail with a ledger', () => {
  it('saves the checkpoint of an intact run in the working directory, and checks the next one against it', async () => {
    const first = await verify();
    expect(first).toMatchObject({ code: 0, findings: [], key: await vkey() });
    expect(codes(first.notices)).toEqual(['KEY_NOT_PINNED', 'NO_EARLIER_CHECKPOINT', 'OPEN_CHAIN']);
    expect(first.totals).toMatchObject({ leaves: 2, hashed_objects: 2, unsealed_objects: 0, checkpoints: 1 });
    const [file] = await readdir(path.join(cwd, '.audit-checkpoints'));
    const saved = path.join(cwd, '.audit-checkpoints', file!);
    expect(await readFile(saved)).toEqual(await readFile(path.join(dir, 'ledger/checkpoint')));

    await deliver('c');
    await sealFolder(dir);
    const second = await verify('--key', await vkey());
    expect(second.code).toBe(0);
    expect(codes(second.notices)).toEqual(['OPEN_CHAIN']);
    expect(await readFile(saved)).toEqual(await readFile(path.join(dir, 'ledger/checkpoint')));

    await rm(path.join(dir, 'ledger'), { recursive: true });
    await rm(path.join(dir, 'keys/ledger.size'));
    await writeFile(path.join(dir, 'keys/ledger.size'), '0\n');
    await rm(path.join(dir, 'events/dt=2026-11-24/hour=07/a.parquet'));
    await sealFolder(dir);
    const third = await verify();
    expect(third.code).toBe(1);
    expect(codes(third.findings)).toEqual(['CHAIN_START_MISSING', 'ROLLED_BACK']);
    // What was saved still proves it.
    expect(codes((await verify()).findings)).toContain('ROLLED_BACK');
  });

  it('keeps the checkpoint where --since says', async () => {
    const since = path.join(cwd, 'safe', 'checkpoint');
    expect(codes((await verify('--since', since)).notices)).toContain('NO_EARLIER_CHECKPOINT');
    expect(codes((await verify('--since', since)).notices)).not.toContain('NO_EARLIER_CHECKPOINT');
    expect(await readdir(cwd)).toEqual(['safe']);
  });

  it('with a key and no earlier checkpoint is NO_CHECKPOINT, and saves none, until --first-run says so', async () => {
    for (let run = 0; run < 2; run += 1) {
      const { code, findings } = await verify('--key', await vkey());
      expect(code).toBe(1);
      expect(codes(findings)).toEqual(['NO_CHECKPOINT']);
    }
    expect(await readdir(cwd)).toEqual([]);
    expect((await verify('--key', await vkey(), '--first-run')).code).toBe(0);
    expect((await verify('--key', await vkey())).code).toBe(0);
  });

  it('saves the checkpoint whatever the events say, so that the ledger is held to it', async () => {
    const file = 'events/dt=2026-11-24/hour=07/a.parquet';
    await appendFile(path.join(dir, file), 'x');
    expect(codes((await verify()).findings)).toContain('OBJECT_CHANGED');
    await rm(path.join(dir, 'ledger'), { recursive: true });
    await rm(path.join(dir, 'keys/ledger.size'));
    await writeFile(path.join(dir, 'keys/ledger.size'), '0\n');
    await sealFolder(dir);
    expect(codes((await verify()).findings)).toContain('FORKED');
  });

  it('says that a trail in which nothing is left is empty, and not that it is intact', async () => {
    await rm(path.join(dir, 'ledger'), { recursive: true });
    await rm(path.join(dir, 'events'), { recursive: true });
    const { code, intact, findings } = await verify();
    expect({ code, intact }).toEqual({ code: 1, intact: false });
    expect(codes(findings)).toEqual(['TRAIL_EMPTY']);
    expect((await verify('--first-run')).code).toBe(0);
  });

  it('says so if the checkpoint cannot be saved, and is intact all the same', async () => {
    await writeFile(path.join(cwd, '.audit-checkpoints'), 'no folder');
    const { code, notices } = await verify();
    expect(code).toBe(0);
    expect(codes(notices)).toContain('CHECKPOINT_NOT_SAVED');
  });

  it('takes the key as text and as a file', async () => {
    const file = path.join(cwd, 'ledger.vkey');
    await writeFile(file, `${await vkey()}\n`);
    for (const key of [file, await vkey()]) {
      const { code, notices } = await verify('--key', key, '--first-run');
      expect(code).toBe(0);
      expect(codes(notices)).not.toContain('KEY_NOT_PINNED');
    }
  });

  it('finds a ledger of another key', async () => {
    const pinned = await vkey();
    for (const name of ['ledger', 'keys']) await rm(path.join(dir, name), { recursive: true });
    await sealFolder(dir);
    const { code, findings } = await verify('--key', pinned, '--first-run');
    expect(code).toBe(1);
    expect(codes(findings)).toEqual(['SIGNATURE_MISSING']);
    expect(await readdir(cwd)).toEqual([]);
  });

  it('hashes only what came after --from-checkpoint, and says what it did not', async () => {
    const since = path.join(cwd, 'checkpoint');
    await verify('--since', since);
    await deliver('c');
    await sealFolder(dir);
    const report = await verify('--from-checkpoint', since);
    expect(report.totals).toMatchObject({ leaves: 3, hashed_objects: 1 });
    expect(report.not_checked_here).toContainEqual(
      expect.stringMatching(/^the bytes of the objects of the first 2 leaves: /),
    );
    expect(report.code).toBe(0);
    const { stdout } = await runCli(['verify', '--local', dir, '--from-checkpoint', since], { cwd });
    expect(stdout).toMatch(/^intact as far as checked: .*the bytes of 1 object, .*; not checked: .*the bytes of the objects of the first 2 leaves; events in other hours/m); // prettier-ignore

    await appendFile(path.join(dir, 'events/dt=2026-11-24/hour=07/a.parquet'), 'x');
    expect(codes((await verify('--from-checkpoint', since)).findings)).toContain('OBJECT_CHANGED');
  });

  it('lets --seal-lag say how old an object may be without a leaf', async () => {
    await deliver('c');
    const young = await verify();
    expect(young).toMatchObject({ code: 0, totals: { unsealed_objects: 1 } });
    expect(codes(young.notices)).toContain('NOT_SEALED_YET');
    const { code, findings } = await verify('--seal-lag', '0s');
    expect(code).toBe(1);
    expect(findings).toMatchObject([{ code: 'UNSEALED_OBJECT', object: 'events/dt=2026-11-24/hour=07/c.parquet' }]);
  });

  it('tells people of the ledger, and what was not checked', async () => {
    const { stdout } = await runCli(['verify', '--local', dir], { cwd });
    expect(stdout).toMatch(/^ledger {4}2 leaves \(2 objects hashed, /m);
    expect(stdout).toMatch(/^notice KEY_NOT_PINNED: The key lies beside the trail/m);
    expect(stdout).toContain(`  ${await vkey()}\n`);
    expect(stdout).toMatch(/^not checked here: locks, versions and delete markers/m);
    expect(stdout).toMatch(
      /^intact as far as checked: the ledger’s signature and tree \(2 leaves\), .*the bytes of 2 objects, .*; not checked: locks, .*that nothing was removed from the ledger/m,
    );
  });

  it.each([
    [['--key', 'nonsense'], /--key/],
    [['--from-checkpoint', 'nowhere'], /^audit-proxy: there is no checkpoint in nowhere\n$/],
    [['--seal-lag', 'soon'], /give a number with ms, s, m, h or d/],
  ])('could not check with %j', async (args, message) => {
    const { code, stdout, stderr } = await runCli(['verify', '--local', dir, ...args], { cwd });
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toMatch(message);
  });

  it('could not check with a file in --since that is no checkpoint, or with no key at all', async () => {
    await writeFile(path.join(cwd, 'file'), 'hello');
    const noCheckpoint = await runCli(['verify', '--local', dir, '--since', 'file'], { cwd });
    expect(noCheckpoint).toMatchObject({ code: 2, stderr: 'audit-proxy: file is no checkpoint\n' });
    await rm(path.join(dir, 'keys'), { recursive: true });
    const noKey = await runCli(['verify', '--local', dir], { cwd });
    expect(noKey.code).toBe(2);
    expect(noKey.stderr).toMatch(/^audit-proxy: there is no key beside the trail: .*--key\n$/);
  });
});
