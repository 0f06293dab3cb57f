import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, afterEach, beforeAll, expect, it, vi } from 'vitest';
import type { Verification } from '../../bin/verify/verify';
import * as parts from '../../bin/verify/work/in-parts';
import { addObject, eventsIn, forged, remove, resealed, rewrite } from '../attacks/tools';
import { Random } from '../faults/random/random';
import { sealFolder } from '../support/seal-folder';
import { verifyFolder } from './support';
import { writeTruthfulTrail } from './truthful/trail';

const DAYS = 14;
const ROWS_IN_PART = 7;

let dir: string;
let whole: Verification;

/** Truthful trails, one a day, and on some days somebody who was not truthful. */
beforeAll(async () => {
  dir = await mkdtemp(path.join(tmpdir(), 'parts-'));
  const random = new Random(20);
  for (let day = 0; day < DAYS; day++) {
    const keys = await writeTruthfulTrail(dir, random, day);
    const objects = keys.filter((key) => key.startsWith('events/'));
    const edge = keys.filter((key) => key.startsWith('edge/'));
    const events = await eventsIn(dir, objects[0]!);
    const [first] = events;
    if (day % 7 === 0)
      await rewrite(dir, objects[0]!, ([one, ...rest]) => [resealed({ ...one!, status_code: '599' }), ...rest]);
    if (day % 7 === 1) await remove(dir, objects.at(-1)!);
    if (day % 7 === 6) await remove(dir, ...keys.filter((key) => !key.startsWith('edge/')));
    if (day % 7 === 2) await remove(dir, edge[0]!);
    if (day % 7 === 3) await addObject(dir, `${day}-copies`, events);
    if (day % 7 === 4) await addObject(dir, `${day}-conflict`, [resealed({ ...first!, status_code: '599' })]);
    if (day % 7 === 5) await addObject(dir, `${day}-forged`, [forged(first!), forged(first!, first!.unmapped)]);
  }
  await sealFolder(dir);
  whole = await verifyFolder(dir);
}, 120_000);

afterEach(() => vi.restoreAllMocks());
afterAll(() => rm(dir, { recursive: true, force: true }));

it('finds in parts what it finds in one piece', async () => {
  const original = parts.inParts;
  const statements: string[] = [];
  vi.spyOn(parts, 'inParts').mockImplementation(async (room, { rows }, sql) => {
    const each: string[] = [];
    await original(room, { rows, perPart: ROWS_IN_PART }, (isIn) => (each.push(sql(isIn)), each.at(-1)!));
    if (each.length > 1) statements.push(/INSERT INTO (\w+)/.exec(each[0]!)![1]!);
  });
  const { findings, notices, totals } = await verifyFolder(dir);
  expect(statements).toEqual(['kept_copies', 'kept_places', 'kept_suspects', 'kept_unmatched', 'kept_unanswered']);
  expect({ findings, notices, totals }).toEqual({
    findings: whole.findings,
    notices: whole.notices,
    totals: whole.totals,
  });
});

it('is asked of a trail of which there is much to tell', () => {
  const codes = [...whole.findings, ...whole.notices].map(({ code }) => code);
  expect(codes).toEqual(
    expect.arrayContaining([
      'CHAIN_GAP',
      'CHAIN_BROKEN',
      'REQUEST_CONFLICT',
      'UID_CONFLICT',
      'UNAUDITED_REQUEST',
      'UNWITNESSED_EVENT',
    ]),
  );
  expect(whole.totals.duplicates).toBeGreaterThan(3 * ROWS_IN_PART);
});
