import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { copyFile, mkdir, mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Chain } from '../../lib/event/chain';
import { sealRequest } from '../support/sample-events';
import { CLI, runCli } from '../support/run-cli';
import { writeObject } from '../support/sample-trail';

let dir: string;

beforeAll(async () => {
  dir = await mkdtemp(path.join(os.tmpdir(), 'trail-'));
  await writeObject(
    dir,
    'a',
    sealRequest(new Chain('writer-1')).map(({ event }) => event),
  );
});

afterAll(() => rm(dir, { recursive: true, force: true }));

const sql = (statement: string, format = 'json', stdin = '') =>
  runCli(['sql', '--local', dir, '--format', format, statement], { stdin });

describe('audit-proxy sql', () => {
  it('answers in JSON, nested values and all', async () => {
    const { code, stdout, stderr } = await sql('SELECT actor, http_request.url FROM audit_events_raw LIMIT 1');
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(JSON.parse(stdout)).toEqual([
      {
        actor: { user: { name: 'alice', uid: 'uid-alice', type_id: 1, type: 'User', groups: [{ name: 'staff' }] } },
        url: { scheme: 'https', hostname: 'api.example.com', path: '/orders/7' },
      },
    ]);
  });

  it('answers in CSV', async () => {
    const { stdout } = await sql(`SELECT 'a,"b"' AS x, NULL AS y, {'k': 1} AS z, '=1+1' AS f, -2 AS n`, 'csv');
    expect(stdout).toBe('x,y,z,f,n\r\n"a,""b""",,"{""k"":1}",\'=1+1,-2\r\n');
  });

  it('answers in a table', async () => {
    const { stdout } = await sql(`SELECT * FROM (VALUES ('x', 1, NULL), ('yy', 22, 'z')) AS t (a, n, b)`, 'table');
    expect(stdout).toBe('a    n  b\nx    1\nyy  22  z\n');
  });

  it('reads the statement from standard input', async () => {
    const { code, stdout } = await sql('-', 'json', 'SELECT count(*) AS n\n  FROM audit_events_raw;\n');
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toEqual([{ n: 2 }]);
  });

  it('keeps columns of the same name apart', async () => {
    const { stdout } = await sql('SELECT 1 AS a, 2 AS a');
    expect(Object.values((JSON.parse(stdout) as object[])[0]!)).toEqual([1, 2]);
  });

  it.each([
    ['SELECT nope FROM audit_events', /^audit-proxy: Binder Error: Referenced column "nope" not found .*\n$/],
    ['SELCT 1', /^audit-proxy: syntax error at or near "SELCT"\n$/],
    ['DROP VIEW audit_events', /^audit-proxy: only SELECT is allowed: the trail is read, never written\n$/],
    [
      `SELECT * FROM read_text('/etc/passwd')`,
      /^audit-proxy: only the tables of the trail can be read; got the function read_text\n$/,
    ],
    ['', /^audit-proxy: no SQL statement given\n$/],
  ])('refuses %s in one line, with exit code 2', async (statement, message) => {
    const { code, stdout, stderr } = await sql(statement);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toMatch(message);
  });

  it('asks for a statement', async () => {
    const { code, stderr } = await runCli(['sql']);
    expect(code).toBe(2);
    expect(stderr).toMatch(/^error: missing required argument 'statement'/);
  });

  it('says how to install DuckDB where it is missing', async () => {
    const away = path.join(dir, 'elsewhere', 'audit-proxy.js');
    await mkdir(path.dirname(away));
    await copyFile(CLI, away);
    const { code, stderr } = await runCli(['sql', '--local', dir, 'SELECT 1'], { bundle: away });
    expect(code).toBe(2);
    expect(stderr).toMatch(/^audit-proxy: .*DuckDB, which is not installed here: npm install @duckdb\/node-api\n$/);
  });

  it('is quiet when its reader has seen enough', async () => {
    const child = spawn(process.execPath, [CLI, 'sql', '--local', dir, '--format', 'csv', 'FROM range(500000)']);
    const stderr = text(child.stderr);
    child.stdout.once('data', () => child.stdout.destroy());
    const [code] = (await once(child, 'close')) as [number | null];
    expect({ code, stderr: await stderr }).toEqual({ code: 0, stderr: '' });
  });
});
