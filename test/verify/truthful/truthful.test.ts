import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Verification } from '../../../bin/verify/verify';
import { Random } from '../../faults/random/random';
import { SEED } from '../../support/seed';
import { sealFolder } from '../../support/seal-folder';
import { verifyFolder } from '../support';
import { shuffled, writeTruthfulTrail } from './trail';

const COUNT = Number(process.env['AUDIT_PROXY_TRUTHFUL_TRAILS'] ?? 50);
const TIMEOUT_MS = 600_000;

/** How far back the trails begin, days: each is on the day after that of the one before it, as leaves come. */
const FIRST_DAY = COUNT + 20;

/** The same seed brings the same trails. Each is on a day of its own, so that one verification tells of all, and a finding's `dt` of which one. */
describe(`${COUNT} random truthful trails, AUDIT_PROXY_SEED=${SEED}`, () => {
  let dir: string;
  let first: Verification;
  let second: Verification;
  const random = new Random(SEED);

  beforeAll(async () => {
    dir = await mkdtemp(path.join(tmpdir(), 'truthful-'));
    await writeAndSeal(0, COUNT / 2);
    first = await verifyFolder(dir);
    await writeAndSeal(COUNT / 2, COUNT);
    const saved = { note: first.checkpoint!, file: 'saved' };
    await deliverOneMore();
    second = await verifyFolder(dir, { key: first.key!, saved, from: saved, sealLagMs: 2 * 3_600_000 });
  }, TIMEOUT_MS);

  afterAll(() => rm(dir, { recursive: true, force: true }));

  /** A moment ago, so that nothing of it is sealed. Some writers had no request: they leave no object. */
  async function deliverOneMore(): Promise<void> {
    let day = COUNT;
    while ((await writeTruthfulTrail(dir, random, FIRST_DAY - day)).length === 0) day += 1;
  }

  /** In batches, and in an order that knows nothing of hours. */
  async function writeAndSeal(from: number, to: number): Promise<void> {
    const keys: string[] = [];
    for (let day = from; day < to; day++) keys.push(...(await writeTruthfulTrail(dir, random, FIRST_DAY - day)));
    const order = shuffled(random, keys);
    // Neither batch is empty: each gets a checkpoint of its own.
    const at = 1 + random.below(order.length - 1);
    for (const batch of [order.slice(0, at), order.slice(at)]) await sealFolder(dir, batch);
  }

  it('have no finding', () => {
    expect(first.findings).toEqual([]);
    expect(first.totals.events).toBeGreaterThan(COUNT);
    expect(first.totals.hashed_objects).toBe(first.totals.leaves);
  });

  it('have none after they grew, each object hashed once in the two runs', () => {
    expect(second.findings).toEqual([]);
    expect(second.totals.hashed_objects).toBe(second.totals.leaves! - first.totals.leaves!);
    // The saved one, and of the four that are stored those from it on.
    expect(second.totals.checkpoints).toBe(4);
  });

  it('had crashed writers, failed events and lost edge records among them', () => {
    const codes = new Set(second.notices.map(({ code }) => code));
    expect([...codes]).toEqual(
      expect.arrayContaining(['OPEN_CHAIN', 'UNCONFIRMED', 'UNWITNESSED_EVENT', 'UNAUDITED_REQUEST', 'NOT_SEALED_YET']),
    );
  });
});
