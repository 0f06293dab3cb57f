import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { Inspector } from '../../lambda/sealer/inspect/inspector';
import { MAX_ROWS } from '../../lib/event/objects/limits';
import { parquetBomb, type Bomb } from '../support/parquet-bomb';
import { sealFolder } from '../support/seal-folder';
import { writeBytes, writeObject } from '../support/sample-trail';
import { sealRequest } from '../support/sample-events';
import { Chain } from '../../lib/event/chain';
import { codesOf, verifyFolder } from '../verify/support';

/** Small objects that stand for far more than fits into memory. */
const HOUR = 'dt=2026-11-24/hour=07/';
const PARQUET = `events/${HOUR}bomb.parquet`;
const LINES = `fallback/${HOUR}bomb.json`;
const MEBI = 1024 * 1024;

const BOMBS: Record<string, Bomb> = {
  'more rows than a stream gathers': { rows: MAX_ROWS + 1 },
  'a hundred million rows': { rows: 100_000_000 },
  'few rows by the footer and many by the page': { rows: 10, pageValues: 100_000_000 },
  'few rows and many values': { rows: 10, values: 100_000_000 },
  'a page of 2 GiB by its header': { rows: 10, pageBytes: 2 ** 31 - 1 },
  'a page of 2 GiB by Snappy': { rows: 10, snappyBytes: 2 ** 31 - 1 },
  'both of it': { rows: 10, pageBytes: 15 * MEBI, snappyBytes: 15 * MEBI },
  'rows in many row groups': { rows: 200_000, groups: 5 },
};

const TEXTS: Record<string, () => string> = {
  'a line that is too long': () => `"${'x'.repeat(5 * MEBI)}"\n`,
  'a line that is nested too deeply': () => '['.repeat(500_000),
  'nested behind a text with a bracket and a quote': () => `{"a":"}\\"]","b":${'['.repeat(40)}${']'.repeat(40)}}\n`,
};

async function inspected(key: string, bytes: Buffer) {
  const source = {
    open: async () => ({
      size: bytes.length,
      chunks: (async function* () {
        yield bytes;
      })(),
      range: async (start: number, end: number) => bytes.subarray(start, end),
    }),
  };
  const before = process.memoryUsage();
  const facts = await new Inspector(source).inspect({ key, versionId: 'null' });
  const after = process.memoryUsage();
  return { facts, grown: after.heapTotal + after.external - before.heapTotal - before.external };
}

describe('the sealer', () => {
  it('reads what is within bounds', async () => {
    const { facts } = await inspected(PARQUET, parquetBomb({ rows: 1_000 }));
    expect(facts?.events?.count).toBe(1_000);
    const lines = await inspected(LINES, Buffer.from(sealRequest(new Chain('writer'))[0]!.line));
    expect(lines.facts?.events?.count).toBe(1);
  });

  it.each(Object.entries(BOMBS))('seals Parquet with %s as unreadable, in little memory', async (_, bomb) => {
    const bytes = parquetBomb(bomb);
    expect(bytes.length).toBeLessThan(2_048);
    const { facts, grown } = await inspected(PARQUET, bytes);
    expect(facts).toEqual({ size: bytes.length, sha256: expect.any(String), unreadable: expect.any(String) });
    expect(grown).toBeLessThan(64 * MEBI);
  });

  it.each(Object.entries(TEXTS))('seals %s as unreadable', async (_, text) => {
    const { facts } = await inspected(LINES, Buffer.from(text()));
    expect(facts?.unreadable).toMatch(/line 1 has/);
  });

  it('survives a footer of anything', async () => {
    for (let n = 0; n < 300; n++) {
      const bytes = parquetBomb({ rows: 10 });
      for (let times = 0; times < 3; times++) bytes[4 + (randomBytes(4).readUInt32LE() % (bytes.length - 12))] = randomBytes(1)[0]!;
      const { facts } = await inspected(PARQUET, bytes);
      expect(facts?.size).toBe(bytes.length);
    }
  }); // prettier-ignore
});

it('are a finding each, and hold up neither the sealer nor verify', async () => {
  const dir = await mkdtemp(path.join(os.tmpdir(), 'bombs-'));
  onTestFinished(() => rm(dir, { recursive: true, force: true }));
  const events = sealRequest(new Chain('writer')).map(({ event }) => event);
  await writeObject(dir, 'good', events);
  const keys: string[] = [];
  for (const [i, bomb] of Object.values(BOMBS).entries()) keys.push(await writeBytes(dir, `events/${HOUR}${i}.parquet`, parquetBomb(bomb))); // prettier-ignore
  for (const [i, text] of Object.values(TEXTS).entries()) keys.push(await writeBytes(dir, `fallback/${HOUR}${i}.json`, text())); // prettier-ignore
  keys.push(await writeBytes(dir, `edge/${HOUR}bomb.parquet`, parquetBomb(BOMBS['a hundred million rows']!)));
  const { sealed, unreadable, head } = await sealFolder(dir);
  expect(sealed).toHaveLength(keys.length + 1);
  expect(head.size).toBe(keys.length + 1);
  // What the edge log holds is no matter of the sealer's.
  expect(unreadable).toHaveLength(keys.length - 1);

  const { findings, totals } = await verifyFolder(dir);
  expect(findings.filter(({ code }) => code === 'OBJECT_UNREADABLE').map(({ object }) => object).sort()).toEqual([...keys].sort()); // prettier-ignore
  expect(codesOf({ findings })).not.toContain('LEAF_EVENTS_MISMATCH');
  expect(totals.events).toBe(events.length);
});
