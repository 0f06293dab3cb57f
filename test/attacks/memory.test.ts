import { buildSync } from 'esbuild';
import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { Chain } from '../../lib/event/chain';
import { duckdbReadJsonColumns } from '../../lib/event/duckdb';
import { MAX_ROWS } from '../../lib/event/objects/limits';
import { auditEventSchema } from '../../lib/event/schema';
import { literal } from '../../lib/event/sql/dialect';
import { EventTable } from '../support/event-table';
import { sealRequest } from '../support/sample-events';

/** What small objects that stand for much cost a process of its own, by the most memory that it ever had. */
const KEY = 'events/dt=2026-11-24/hour=07/equal.parquet';
const CACHE = path.join(__dirname, '../../node_modules/.cache');
const MEBI = 1024 * 1024;
/** A million takes half a minute to write. */
const ROWS = Number(process.env['AUDIT_PROXY_EQUAL_ROWS'] ?? MAX_ROWS + 1);

let folder: string;
let table: EventTable;
beforeAll(async () => {
  await mkdir(CACHE, { recursive: true });
  folder = await mkdtemp(path.join(CACHE, 'memory-test-'));
  table = await EventTable.create();
});
afterAll(async () => {
  table.close();
  await rm(folder, { recursive: true, force: true });
});

/** A trail with one object of equal events in all columns, written by DuckDB. */
async function trailOf(rows: number, change: object = {}): Promise<{ dir: string; size: number }> {
  const [sealed] = sealRequest(new Chain('writer'));
  const event = table.write('event.json', JSON.stringify({ ...sealed!.event, ...change }));
  const dir = path.join(folder, `trail-${rows}`);
  const file = path.join(dir, KEY);
  await mkdir(path.dirname(file), { recursive: true });
  const names = Object.keys(auditEventSchema).map((name) => `e."${name}"`);
  const source = `read_json(${literal(event)}, format = 'newline_delimited', maximum_object_size = 4000000, columns = ${duckdbReadJsonColumns()})`;
  await table.connection.run(`COPY (SELECT ${names.join(', ')} FROM ${source} AS e, range(${rows})) TO ${literal(file)} (FORMAT parquet, COMPRESSION snappy, ROW_GROUP_SIZE 1000000)`); // prettier-ignore
  return { dir, size: (await stat(file)).size };
} // prettier-ignore

interface Cost {
  readonly result: unknown;
  readonly mebi: number;
  readonly seconds: number;
}

/** Runs code in a process of its own. @param code its last line gives a promise to `result` */
async function costOf(name: string, code: string): Promise<Cost> {
  const outfile = path.join(folder, `${name}.cjs`);
  // Linux counts to `maxRSS` what the process had that forked this one.
  const contents = `import { readFileSync } from 'node:fs';
    function highest() {
      const kibi = process.platform === 'linux'
        ? Number(/VmHWM:\\s+(\\d+)/.exec(readFileSync('/proc/self/status', 'utf8'))[1])
        : process.resourceUsage().maxRSS;
      return Math.round(kibi / 1024);
    }
    ${code}
    result.then((value) => process.stdout.write(JSON.stringify({
      result: value, mebi: highest(), seconds: process.uptime() })));`;
  buildSync({
    stdin: { contents, resolveDir: __dirname, loader: 'ts' },
    outfile, bundle: true, platform: 'node', format: 'cjs', external: ['@duckdb/*'], logLevel: 'error',
  }); // prettier-ignore
  const { stdout } = await promisify(execFile)(process.execPath, [outfile]);
  const cost = JSON.parse(stdout) as Cost;
  if (process.env['AUDIT_PROXY_SHOW_COST']) process.stdout.write(`${name}: ${stdout.slice(0, 600)}\n`);
  return cost;
}

const inspect = (dir: string) =>
  costOf('sealer', `
    import { Inspector } from '../../lambda/sealer/inspect/inspector';
    import { folderObjects } from '../../lambda/sealer/local/folder-objects';
    const result = new Inspector(folderObjects(${JSON.stringify(dir)})).inspect({ key: '${KEY}', versionId: 'null' });`); // prettier-ignore

const verify = (dir: string) =>
  costOf('verify', `
    import { verifyEventsAlone } from '../../bin/verify/events-alone';
    import { localStore } from '../../bin/verify/trail/local-store';
    const result = verifyEventsAlone(localStore(${JSON.stringify(dir)})).then(({ findings, totals }) =>
      ({ totals, codes: [...new Set(findings.map(({ code }) => code))], detail: findings[0]?.detail }));`); // prettier-ignore

it('more equal events in half a megabyte than a stream gathers are refused by their footer', async () => {
  const { dir, size } = await trailOf(ROWS);
  expect(size).toBeLessThan(MEBI);
  const sealer = await inspect(dir);
  expect(sealer.result).toMatchObject({ unreadable: expect.stringMatching(/rows are too many/) });
  expect(sealer.mebi).toBeLessThan(256);
  const verified = await verify(dir);
  expect(verified.result).toMatchObject({ codes: ['OBJECT_UNREADABLE'] });
  expect(verified.mebi).toBeLessThan(512);
});

it('so are a text of a megabyte that every row shows, before any is made of it', async () => {
  const { dir, size } = await trailOf(2_000, { message: 'x'.repeat(1_000_000) });
  expect(size).toBeLessThan(2 * MEBI);
  const sealer = await inspect(dir);
  expect(sealer.result).toMatchObject({ unreadable: expect.stringMatching(/^its rows stand for more than/) });
  expect(sealer.mebi).toBeLessThan(256);
  const verified = await verify(dir);
  expect(verified.result).toMatchObject({ codes: ['OBJECT_UNREADABLE'] });
  expect(verified.mebi).toBeLessThan(512);
});

it('as many equal events as are taken cost no more than that', async () => {
  const { dir } = await trailOf(20_000);
  const sealer = await inspect(dir);
  expect(sealer.result).toMatchObject({ events: { count: 20_000 } });
  expect(sealer.mebi).toBeLessThan(384);
  const verified = await verify(dir);
  expect(verified.result).toMatchObject({ totals: { events: 1, duplicates: 19_999 } });
  expect(verified.mebi).toBeLessThan(640);
});
