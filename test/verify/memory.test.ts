import { afterEach, expect, it, vi } from 'vitest';
import { inParts } from '../../bin/verify/work/in-parts';
import { WorkRoom } from '../../bin/verify/work/work-room';

let room: WorkRoom;
afterEach(async () => {
  await room.close();
  vi.restoreAllMocks();
});

it('has a bound on what the engine takes, which rises only where a statement fails for want of memory', async () => {
  room = await WorkRoom.open();
  const limit = async () => (await room.rows(`SELECT current_setting('memory_limit') AS "limit"`))[0]?.['limit'];
  expect(await limit()).toBe('160.0 MiB');
  await room.allowMoreMemory();
  expect(await limit()).toBe('192.0 MiB');
  await room.run('CREATE TABLE few AS SELECT DISTINCT i FROM range(1000) AS t(i)');
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

it('gives a statement more where it fails for want of memory, once all is decoded, and tries again', async () => {
  room = await WorkRoom.open();
  // One list of all texts cannot lie on disk.
  const wide = `SELECT len(list(repeat(md5(CAST(i AS varchar)), 16))) AS "texts" FROM range(40000) AS t(i)`;
  await room.run(`SET memory_limit = '10MiB'`);
  await expect(room.rows(wide)).rejects.toThrow('Out of Memory');
  await room.allowMoreMemory();
  await room.run(`SET memory_limit = '10MiB'`);
  expect(await room.rows(wide)).toEqual([{ texts: 40000 }]);
});
