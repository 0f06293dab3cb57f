import { rm } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { Window } from '../../bin/verify/events/window';
import type { Verification } from '../../bin/verify/verify';
import { Chain, type SealedEvent } from '../../lib/event/chain';
import { restRecord } from '../support/edge-record';
import { attempt } from '../support/sample-event';
import { emptyTrail, writeEdge, writeObject } from '../support/sample-trail';
import { sealFolder } from '../support/seal-folder';
import { codesOf, verifyFolder } from './support';

const at = (hour: number, minute = 0) => Date.UTC(2026, 10, 24, hour, minute);

/** The attempt of the request that `record(n, time)` tells of. */
function eventOf(chain: Chain, n: number, time: number): SealedEvent {
  const draft = attempt(n);
  return chain.seal({ ...draft, time, unmapped: { ...draft.unmapped, extended_request_id: `extended-${n}` } });
}

const record = (n: number, time: number) => restRecord(n, { request_time_epoch: String(time) });

/** A chain with an event each twenty minutes from 07 to 11, an object for each; what is sealed after 10:00 comes later. */
async function trailOf(without: readonly number[] = [], unrecorded: readonly number[] = []) {
  const dir = await emptyTrail();
  const chain = new Chain('writer');
  const sealed = Array.from({ length: 15 }, (_, n) => eventOf(chain, n, at(7, n * 20)));
  const keys: string[] = [];
  const put = async (n: number) => {
    if (!without.includes(n)) keys.push(await writeObject(dir, `e${n}`, [sealed[n]!.event]));
    if (!unrecorded.includes(n)) keys.push(await writeEdge(dir, `r${n}`, [record(n, at(7, n * 20))]));
  };
  for (let n = 0; n < 9; n++) await put(n);
  await sealFolder(dir);
  const first = await verifyFolder(dir);
  for (let n = 9; n < 15; n++) await put(n);
  await sealFolder(dir);
  const from = { note: first.checkpoint!, file: 'saved' };
  return { dir, first, keys, later: () => verifyFolder(dir, { from, saved: from }) };
}

const border = ({ notices }: Verification) => notices.filter(({ code }) => code === 'CHAIN_BORDER');

it('looks only at the hours that later objects touch and the hour before, and tells of chains at that border', async () => {
  const { later } = await trailOf();
  const second = await later();
  expect(second.findings).toEqual([]);
  expect(second.totals).toMatchObject({ events: 9, requests: 9, hashed_objects: 12 });
  expect(border(second)).toMatchObject([{ detail: 'places: 1' }]);
  expect(second.notChecked.join('\n')).toMatch(/events in other hours than the 3 /);
});

it('still finds a gap inside of the window', async () => {
  // 12 is 11:00, with 10:40 and 11:20 beside it; 8 is 09:40, in the hour before.
  for (const n of [12, 8]) {
    const { later } = await trailOf([n], [n]);
    const second = await later();
    expect(second.findings.map(({ code, sequence }) => `${code}@${sequence}`)).toEqual([`CHAIN_GAP@${n + 1}`]);
  }
});

it('takes a gap of which not all hours were looked at for a border', async () => {
  // 6 is 09:00, the first of the window; 5 and 4 lie before. What is left in the window begins with 7.
  const { later, first } = await trailOf([6, 5], [6, 5]);
  expect(codesOf(first)).toEqual(['CHAIN_GAP']);
  const second = await later();
  expect(second.findings).toEqual([]);
  expect(border(second)).toHaveLength(1);
});

it('compares with the edge log in the window', async () => {
  const { later } = await trailOf([13], [14]);
  expect(codesOf(await later())).toEqual(['CHAIN_GAP', 'UNAUDITED_REQUEST', 'UNWITNESSED_EVENT']);
});

it('finds an earlier object of the window that is gone, and not whether one before it has changed', async () => {
  const { dir, later } = await trailOf();
  await rm(path.join(dir, 'events/dt=2026-11-24/hour=07/e1.parquet'));
  expect(codesOf(await later())).toEqual(['OBJECT_MISSING']);
});

it('knows which hours are in a window, and is not led astray by times that no calendar has', () => {
  const window = new Window(false);
  window.touch('events/dt=2026-11-24/hour=00/a.parquet');
  expect(window.has('edge/dt=2026-11-23/hour=23/b.parquet')).toBe(true);
  expect(window.has('events/dt=2026-11-24/hour=01/a.parquet')).toBe(false);
  expect(window.has('payloads/a')).toBe(true);
  expect(window.spans(at(0) - 1, at(0, 59))).toBe(true);
  expect(window.spans(at(0), at(1))).toBe(false);
  expect(window.spans(at(0), Number.MAX_SAFE_INTEGER)).toBe(false);
});

describe('objects that were disposed of after their retention', () => {
  /** Hour 07 is over by then, hour 08 is not. */
  const afterwards = { now: at(13), retentionMs: 5.5 * 3_600_000 };
  const goneAfter = async (...keys: string[]) => {
    const { dir } = await trailOf();
    await Promise.all(keys.map((key) => rm(path.join(dir, key))));
    return dir;
  };
  const events = [0, 1, 2].map((n) => `events/dt=2026-11-24/hour=07/e${n}.parquet`);
  const edge = [0, 1, 2].map((n) => `edge/dt=2026-11-24/hour=07/r${n}.parquet`);

  it.each([
    ['all of their hour', [...events, ...edge]],
    ['the events alone, for a while', events],
    ['the edge log alone, for a while', edge],
    ['one in the middle, for a while', [events[1]!]],
  ])('are no findings: %s', async (_, keys) => {
    const verification = await verifyFolder(await goneAfter(...keys), afterwards);
    expect(verification.findings).toEqual([]);
    expect(verification.notices.map(({ code }) => code)).toContain('EXPIRED_AS_PROMISED');
  });

  it('excuse nothing that is missing of later hours', async () => {
    const later = 'events/dt=2026-11-24/hour=08/e5.parquet';
    const verification = await verifyFolder(await goneAfter(...events, ...edge, later), afterwards);
    expect(codesOf(verification)).toEqual(['CHAIN_GAP', 'OBJECT_MISSING', 'UNAUDITED_REQUEST']);
  });

  it('are findings before', async () => {
    const verification = await verifyFolder(await goneAfter(...events), { ...afterwards, now: at(12) });
    expect(codesOf(verification)).toEqual(['CHAIN_START_MISSING', 'OBJECT_MISSING', 'UNAUDITED_REQUEST']);
  });
});
