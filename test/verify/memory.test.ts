import { DuckDBConnection } from '@duckdb/node-api';
import { afterEach, expect, it, vi } from 'vitest';
import { inParts } from '../../bin/verify/work/in-parts';
import { WorkRoom } from '../../bin/verify/work/work-room';

let room: WorkRoom;
afterEach(async () => {
  await room.close();
  vi.restoreAllMocks();
});

const limit = async () => (await room.rows(`SELECT current_setting('memory_limit') AS "limit"`))[0]?.['limit'];

it('has a bound on what the engine takes, one while it decodes and one after', async () => {
  room = await WorkRoom.open();
  expect(await limit()).toBe('160.0 MiB');
  await room.endDecoding();
  expect(await limit()).toBe('192.0 MiB');
});

it('splits rows by a hash, each into one part', async () => {
  room = await WorkRoom.open();
  await room.run('CREATE TABLE numbers AS SELECT i FROM range(1000) AS t(i)');
  await room.run('CREATE TABLE taken AS SELECT i, 0 AS part FROM numbers WHERE false');
  let part = 0;
  await inParts(room, { rows: 1000, perPart: 300 }, (isIn) => {
    part += 1;
    return `INSERT INTO taken SELECT i, ${part} FROM numbers WHERE ${isIn('i')}`;
  });
  const [row] = await room.rows(
    'SELECT count(*) AS "rows", count(DISTINCT i) AS "numbers", max(part) AS "parts" FROM taken',
  );
  expect(row).toEqual({ rows: 1000, numbers: 1000, parts: 4 });
});

it('gives a statement more where it fails for want of memory, and tries again', async () => {
  room = await WorkRoom.open();
  await room.run(`SET memory_limit = '10MiB'`);
  // One list of all texts cannot lie on disk.
  expect(await room.rows(textsSql(40_000))).toEqual([{ texts: 40_000 }]);
  expect(await limit()).toBe('320.0 MiB');
});

it('says what to do where memory or disk do not suffice', async () => {
  room = await WorkRoom.open();
  const run = vi.spyOn(DuckDBConnection.prototype, 'run');
  const failing = (message: string) =>
    run.mockImplementation(async (sql) => {
      if (!sql.startsWith('SET')) throw new Error(message);
      return undefined as never;
    });
  failing('Out of Memory Error: failed to allocate');
  await expect(room.run('SELECT 1')).rejects.toThrow('this needs more than 2048 MiB of memory');
  expect(run.mock.calls.map(([sql]) => sql).filter((sql) => sql.startsWith('SET'))).toHaveLength(5); // the last one for the next statement
  failing('IO Error: Could not write file "/x": No space left on device');
  await expect(room.run('SELECT 1')).rejects.toThrow(/^no room is left on the disk of .*: set TMPDIR/);
});

function textsSql(count: number): string {
  return `SELECT len(list(repeat(md5(CAST(i AS varchar)), 16))) AS "texts" FROM range(${count}) AS t(i)`;
}
