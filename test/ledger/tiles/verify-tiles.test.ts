import { describe, expect, it } from 'vitest';
import { EMPTY_EDGE, EMPTY_ROOT, verifyTiles, type LedgerError, type VerifyTilesOptions } from '../../../lib/ledger';
import { MemoryLedger, codeOf, entriesOf, flipped, ledgerOf } from '../support';

const SIZE = 2_000;
const entries = entriesOf(SIZE);
const { ledger, head } = ledgerOf(entries);
const large = ledgerOf(entriesOf(66_000));

async function leavesOf(reader: MemoryLedger, options?: VerifyTilesOptions) {
  const leaves: { index: number; entry: string }[] = [];
  for await (const batch of verifyTiles(reader, head, options)) {
    batch.entries.forEach((entry, i) => leaves.push({ index: batch.first + i, entry: String(entry) }));
  }
  return leaves;
}

const all = entries.map((entry, index) => ({ index, entry: String(entry) }));

describe('verifying all tiles', () => {
  it.each([0, 1, 8, 1_000])('yields every leaf in order (reading %i ahead)', async (readAhead) => {
    expect(await leavesOf(ledger, { readAhead })).toEqual(all);
  });

  it.each([0, 1, 255, 256, 257, 1_999, 2_000])('begins at leaf %i', async (from) => {
    expect(await leavesOf(ledger, { from })).toEqual(all.slice(from));
  });

  it.each([-1, 2_001, 0.5])('cannot begin at leaf %f', async (from) => {
    expect(await codeOf(() => leavesOf(ledger, { from }))).toBe('OUT_OF_RANGE');
  });

  it('reads each file of the tree once', async () => {
    let count = 0;
    for await (const batch of verifyTiles(large.ledger, large.head)) count += batch.entries.length;
    expect(count).toBe(66_000);
    expect(large.ledger.reads.sort()).toEqual([...large.ledger.files.keys()].sort());
  });

  it('reads no further ahead than it was told', async () => {
    const walk = verifyTiles(ledger, head, { readAhead: 2 });
    ledger.reads.length = 0;
    await walk.next();
    expect(ledger.reads.filter((path) => path.startsWith('tile/entries/'))).toEqual([
      'tile/entries/000',
      'tile/entries/001',
      'tile/entries/002',
    ]);
    await walk.return();
  });

  it('finds nothing in an empty tree', async () => {
    const empty = { size: 0, root: EMPTY_ROOT };
    expect(await verifyTiles(new MemoryLedger(), empty).next()).toEqual({ done: true, value: undefined });
    const other = { size: 0, root: head.root };
    expect(await codeOf(() => verifyTiles(new MemoryLedger(), other).next())).toBe('ROOT_MISMATCH');
  });
});

describe('verifying all tiles finds', () => {
  it('an altered byte in every file of the tree, wherever it is', async () => {
    const small = ledgerOf(entriesOf(260));
    const codes = new Map<string, Set<string>>();
    for (const [path, body] of small.ledger.files) {
      const seen = new Set<string>();
      // Every byte of the small files, and one in 41 of the large ones.
      for (let at = 0; at < body.length; at += body.length > 200 ? 41 : 1) {
        const altered = small.ledger.alter(path, (bytes) => flipped(bytes, at));
        seen.add(await codeOf(() => drain(verifyTiles(altered, small.head))));
      }
      codes.set(path, seen);
    }
    expect(Object.fromEntries(codes)).toEqual({
      'tile/entries/000': new Set(['ENTRIES_MALFORMED', 'ENTRIES_MISMATCH']),
      'tile/entries/001.p/4': new Set(['ENTRIES_MALFORMED', 'ENTRIES_MISMATCH']),
      'tile/0/000': new Set(['TILE_MISMATCH']),
      'tile/0/001.p/4': new Set(['ROOT_MISMATCH']),
      'tile/1/000.p/1': new Set(['ROOT_MISMATCH']),
    });
  });

  it('entries left out, added, exchanged or put in another order', async () => {
    const other = (change: (all: Buffer[]) => Buffer[]) => ledgerOf(change([...entries])).ledger;
    for (const forged of [
      other((of) => [...of.slice(0, 300), Buffer.from('forged'), ...of.slice(301)]),
      other((of) => [...of.slice(0, 300), of[301]!, of[300]!, ...of.slice(302)]),
      other((of) => [...of.slice(0, 300), ...of.slice(301), Buffer.from('filler')]),
    ]) {
      expect(await codeOf(() => drain(verifyTiles(forged, head)))).toBe('ROOT_MISMATCH');
    }
    const shorter = ledger.alter('tile/entries/001', (body) => body.subarray(0, body.lastIndexOf('\0')));
    expect(await codeOf(() => drain(verifyTiles(shorter, head)))).toBe('ENTRIES_MALFORMED');
  });

  it('each damaged file, and goes on behind it', async () => {
    const damaged = ledger
      .alter('tile/entries/001', (body) => flipped(body, 500))
      .alter('tile/0/003', (body) => flipped(body, 5))
      .alter('tile/entries/005', () => undefined);
    const findings: LedgerError[] = [];
    const leaves = await leavesOf(damaged, { onFinding: (finding) => findings.push(finding) });
    expect(findings.map(({ code, place }) => [code, place])).toEqual([
      ['ENTRIES_MISMATCH', { path: 'tile/entries/001', leaves: { first: 256, end: 512 } }],
      ['TILE_MISMATCH', { path: 'tile/0/003', leaves: { first: 768, end: 1_024 } }],
      ['ENTRIES_MISSING', { path: 'tile/entries/005', leaves: { first: 1_280, end: 1_536 } }],
    ]);
    const lost = (index: number) => [1, 3, 5].includes(Math.floor(index / 256));
    expect(leaves).toEqual(all.filter(({ index }) => !lost(index)));
  });

  it('a damaged tile above level 0 once, with all leaves that it spoils', async () => {
    const damaged = large.ledger.alter('tile/1/000', (body) => flipped(body, 77));
    const findings: LedgerError[] = [];
    let [first, count] = [-1, 0];
    for await (const batch of verifyTiles(damaged, large.head, { onFinding: (finding) => findings.push(finding) })) {
      if (count === 0) first = batch.first;
      count += batch.entries.length;
    }
    expect(findings.map(({ code, place }) => [code, place])).toEqual([
      ['TILE_MISMATCH', { path: 'tile/1/000', leaves: { first: 0, end: 65_536 } }],
    ]);
    expect([first, count]).toEqual([65_536, 464]);
  });

  it('a reader that fails is no finding', async () => {
    const reader = new MemoryLedger();
    reader.append(EMPTY_EDGE, entries);
    const read = reader.read.bind(reader);
    reader.read = (path) => (path === 'tile/0/002' ? Promise.reject(new Error('throttled')) : read(path));
    const findings: LedgerError[] = [];
    const walk = leavesOf(reader, { onFinding: (finding) => findings.push(finding) });
    await expect(walk).rejects.toThrow('throttled');
    expect(findings).toEqual([]);
  });
});

async function drain(walk: AsyncIterable<unknown>): Promise<void> {
  for await (const _ of walk);
}
