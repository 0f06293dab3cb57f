import { mkdtemp, realpath, rm, symlink } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import * as fc from 'fast-check';
import { beforeAll, afterAll, describe, expect, it } from 'vitest';
import { confine } from '../../bin/query/confine';
import { openLocalTrail, type LocalTrail } from '../../bin/query/duckdb-queries';
import { toParquet } from '../../bin/local/delivery/parquet';
import { Chain } from '../../lib/event/chain';
import { afterTest } from '../support/after-test';
import { sealRequest } from '../support/sample-events';
import { writeBytes, writeObject } from '../support/sample-trail';

/** A failing run names its seed; AUDIT_PROXY_SEED runs it again, AUDIT_PROXY_SQL_RUNS makes it longer. */
const seed = Number(process.env.AUDIT_PROXY_SEED ?? 20_261_124);
const runs = Number(process.env.AUDIT_PROXY_SQL_RUNS ?? 600);

const SECRET = 'x7SECRETq9';
const event = sealRequest(new Chain('writer-1'), { who: SECRET })[0].event;

let dir: string;
let trail: LocalTrail;

/** A trail whose `keys/` holds the secret in every form that DuckDB reads, and which links to it. */
beforeAll(async () => {
  dir = await realpath(await mkdtemp(path.join(os.tmpdir(), 'trail-')));
  await writeObject(dir, 'own', [sealRequest(new Chain('writer-2'))[0].event]);
  await writeBytes(dir, 'events/dt=2026-11-24/hour=07/own.txt', 'x');
  await writeBytes(dir, 'package.json', SECRET);
  await writeBytes(dir, 'keys/secret', SECRET);
  await writeBytes(dir, 'keys/secret.csv', `a,b\n${SECRET},1\n`);
  await writeBytes(dir, 'keys/secret.json', `{"a":"${SECRET}"}\n`);
  await writeBytes(dir, 'keys/secret.parquet', toParquet([event]));
  const hour = path.join(dir, 'events/dt=2026-11-24/hour=07');
  for (const name of ['secret', 'secret.csv', 'secret.json', 'secret.parquet']) {
    await symlink(path.join(dir, 'keys', name), path.join(hour, `link-${name}`));
  }
  await symlink(path.join(dir, 'keys'), path.join(dir, 'events/link'));
  // Links by which the trail itself would read the keys as events.
  await writeBytes(dir, 'elsewhere/hour=08/a.parquet', toParquet([event]));
  await symlink(path.join(dir, 'elsewhere'), path.join(dir, 'events/dt=2026-11-25'));
  await symlink(path.join(dir, 'elsewhere/hour=08'), path.join(dir, 'events/dt=2026-11-24/hour=08'));
  trail = await openLocalTrail(dir);
});

afterAll(async () => {
  await trail.close();
  await rm(dir, { recursive: true, force: true });
});

/** What a statement gives away: its rows, or its error, without the statement itself. */
async function answer(sql: string): Promise<{ refused: boolean; text: string }> {
  try {
    return { refused: false, text: JSON.stringify(await trail.run(sql)) };
  } catch (error) {
    return { refused: true, text: (error as Error).message };
  }
}

const quoted = (text: string) => `'${text.replaceAll(`'`, `''`)}'`;

const files = ['secret', 'secret.csv', 'secret.json', 'secret.parquet', '*', ''];
const spelledPath = fc
  .tuple(
    fc.constantFrom(
      'keys',
      'events/../keys',
      'events/./../keys',
      'events//..//keys',
      'events/link',
      'ev*/../k?ys',
      'k*',
    ),
    fc.constantFrom(...files),
    fc.constantFrom('', 'file:', 'file://'),
  )
  .map(([folder, file, scheme]) => `${scheme}${dir}/${folder}/${file}`);
const linked = fc.constantFrom(...files).map((file) => `${dir}/events/dt=2026-11-24/hour=07/link-${file}`);
const away = fc.constantFrom(
  '/etc/passwd',
  '/etc/*',
  '/proc/self/environ',
  '/proc/self/cwd/package.json',
  'package.json',
);
const target = fc.oneof(spelledPath, linked, away).map(quoted);

const FUNCTIONS = [
  'read_text', 'read_blob', 'glob', 'read_csv', 'read_csv_auto', 'sniff_csv', 'read_json', 'read_json_auto',
  'read_json_objects', 'read_json_objects_auto', 'read_ndjson', 'read_ndjson_auto', 'read_ndjson_objects', 'read_parquet',
  'parquet_scan', 'parquet_metadata', 'parquet_schema', 'parquet_file_metadata', 'parquet_full_metadata',
  'parquet_kv_metadata', 'read_duckdb', 'query_table', 'summary', 'seq_scan', 'enable_logging', 'enable_profiling',
]; // prettier-ignore

/** Something to select from that would read the file. */
const source = fc.oneof(
  fc
    .tuple(fc.constantFrom(...FUNCTIONS), fc.constantFrom('', 'main.', 'system.main.'), fc.boolean(), target)
    .map(([name, schema, loud, file]) => `${schema}${loud ? `"${name.toUpperCase()}"` : name}(${file})`),
  target.map((file) => `read_csv(${file}, delim = chr(1), columns = {'a': 'VARCHAR'}, header = false, quote = '')`),
  target.map((file) => `read_text([${file}, ${file}])`),
  target.map((file) => `histogram(${file}, 'a')`),
  target.map((file) => `query('FROM ' || ${quoted(file)})`),
  target.map((file) => `"${file.slice(1, -1)}"`),
  target,
  fc.constantFrom('package.json', '"package.json"', 'main."package.json"', '"package"."json"'),
);

/** A whole statement around it. */
const statement = fc.oneof(
  source.chain((from) =>
    fc.constantFrom(
      `SELECT * FROM ${from}`,
      `FROM ${from}`,
      `SELECT (SELECT count(*) FROM ${from}) AS n`,
      `SELECT * FROM audit_events, LATERAL (FROM ${from}) t`,
      `SELECT 1 WHERE EXISTS (FROM ${from})`,
      `WITH a AS (FROM ${from}) FROM a`,
      `WITH RECURSIVE a AS (FROM ${from} UNION FROM a) FROM a`,
      `SELECT 1 UNION ALL (SELECT count(*) FROM ${from})`,
      `DESCRIBE FROM ${from}`,
      `DESCRIBE ${from}`,
      `SUMMARIZE ${from}`,
      `SHOW ${from}`,
      `EXPLAIN ANALYZE FROM ${from}`,
      `PIVOT ${from} ON 1`,
      `VALUES ((SELECT count(*) FROM ${from}))`,
      `SELECT * FROM json_each((SELECT to_json(list(t)) FROM ${from} t))`,
      `PREPARE p AS FROM ${from}`,
      `CREATE OR REPLACE VIEW audit_events AS FROM ${from}`,
      `CREATE MACRO m() AS TABLE FROM ${from}`,
      `COPY (FROM ${from}) TO '${dir}/events/out.csv'`,
    ),
  ),
  target.chain((file) =>
    fc.constantFrom(
      `ATTACH ${file} AS k`,
      `ATTACH ${file} AS k (READ_ONLY)`,
      `COPY audit_events FROM ${file}`,
      `COPY (SELECT 1) TO ${file}`,
      `EXPORT DATABASE ${file}`,
      `IMPORT DATABASE ${file}`,
      `LOAD ${file}`,
      `INSTALL ${file}`,
      `FORCE INSTALL httpfs FROM ${file}`,
      `SET allowed_directories = [${file}]`,
      `SET allowed_paths = [${file}]`,
      `SET home_directory = ${file}`,
      `SET file_search_path = ${file}`,
      `SET GLOBAL enable_external_access = true`,
      `RESET allowed_directories`,
      `SET lock_configuration = false`,
      `SET VARIABLE x = (SELECT content FROM read_text(${file}))`,
      `PRAGMA enable_profiling`,
      `PRAGMA profiling_output = ${file}`,
      `PRAGMA database_list`,
      `CREATE SECRET s (TYPE s3, PROVIDER config)`,
      `CALL read_text(${file})`,
      `CREATE TABLE t AS FROM read_text(${file})`,
      `SELECT 1; FROM read_text(${file})`,
      `EXECUTE p`,
      `.read ${file}`,
    ),
  ),
);

describe('a statement reads nothing but the tables of the trail', () => {
  it('whatever the function, the spelling of the path, and the statement around it', async () => {
    await fc.assert(
      fc.asyncProperty(statement, async (sql) => {
        const { refused, text } = await answer(sql);
        expect(text).not.toContain(SECRET);
        expect({ sql, refused }).toEqual({ sql, refused: true });
      }),
      { numRuns: runs, seed, endOnFailure: true },
    );
  });

  it('not even a file among the events by its name', async () => {
    const { text } = await answer(`FROM read_parquet('${dir}/events/dt=2026-11-24/hour=07/own.parquet')`);
    expect(text).toBe('only the tables of the trail can be read; got the function read_parquet');
  });

  it.each([
    ['keys', `DIR/keys/secret`],
    ['keys around a corner', `DIR/events/../keys/secret`],
    ['keys by a scheme', `file://DIR/keys/secret`],
    ['a file of the trail outside of its tables', `DIR/package.json`],
    ['a file of the machine', '/etc/passwd'],
  ])('and DuckDB itself refuses %s, should a statement pass', async (_, file) => {
    const connection = await (await DuckDBInstance.create(':memory:')).connect();
    afterTest(() => connection.closeSync());
    await confine(connection, dir);
    const read = (path: string) => connection.run(`FROM read_text(${quoted(path)})`);
    await expect(read(`${dir}/events/dt=2026-11-24/hour=07/own.txt`)).resolves.toBeDefined();
    await expect(read(file.replace('DIR', dir))).rejects.toThrow(/Permission Error/);
    await expect(connection.run(`SET allowed_directories = ['/']`)).rejects.toThrow(/locked|Invalid/);
  });

  it('takes no link for an object of the trail', async () => {
    expect((await trail.run('SELECT "object" FROM audit_event_objects')).rows).toEqual([
      ['events/dt=2026-11-24/hour=07/own.parquet'],
    ]);
  });

  it.each([
    ['SELECT who FROM audit_events'],
    ['FROM memory.main.audit_events_raw'],
    ['WITH "my own" AS (FROM audit_events) SELECT count(*) FROM "my own"'],
    ['SELECT * FROM range(3), generate_series(1, 2), unnest([1])'],
    [`SELECT * FROM json_each('{"a": 1}')`],
    ['SELECT a.who FROM audit_events a JOIN edge_requests e ON a.request_id = e.request_id'],
    ['DESCRIBE audit_events'],
    ['SUMMARIZE audit_events'],
    ['SHOW TABLES'],
    ['SHOW ALL TABLES'],
    ['SELECT table_name FROM information_schema.tables'],
    ['SELECT view_name FROM duckdb_views()'],
    ['SELECT e.uid FROM audit_event_objects e, (SELECT 1) t'],
    ['VALUES (1), (2)'],
  ])('and still reads these: %s', async (sql) => {
    await expect(trail.run(sql)).resolves.toBeDefined();
  });
});
