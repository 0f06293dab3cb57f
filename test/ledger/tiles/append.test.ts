import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  EMPTY_EDGE,
  EMPTY_ROOT,
  appendEntries,
  encodeEntries,
  readLedgerEdge,
  type LedgerEdge,
} from '../../../lib/ledger';
import { MemoryLedger, NaiveTree, codeOf, entriesOf, flipped, ledgerOf } from '../support';

const entries = entriesOf(10_000);
const naive = new NaiveTree(entries);
const large = ledgerOf(entriesOf(10 + 273 * 256));

describe('appending', () => {
  it('writes exactly the files of the example in tlog-tiles, a tree of 70,000 leaves', () => {
    const rest = appendEntries(large.head.edge, entriesOf(70_000 - large.head.size, large.head.size));
    const paths = [...large.ledger.files.keys(), ...rest.files.map(({ path }) => path)];
    const level = (l: number | string) => paths.filter((path) => path.startsWith(`tile/${l}/`));
    expect(level(0).filter((path) => !path.includes('.p/'))).toHaveLength(273);
    expect(level('entries').filter((path) => !path.includes('.p/'))).toHaveLength(273);
    expect(paths.filter((path) => path.includes('.p/') || path.startsWith('tile/1/'))).toEqual([
      'tile/entries/273.p/10',
      'tile/0/273.p/10',
      'tile/1/000',
      'tile/1/001.p/17',
      'tile/2/000.p/1',
      'tile/entries/273.p/112',
      'tile/0/273.p/112',
    ]);
    expect(paths).toHaveLength(273 + 273 + 7);
  });

  it('writes a full tile and a partial one above it for 256 leaves', () => {
    const { head } = ledgerOf(entries.slice(0, 256));
    expect(head.files.map(({ path }) => path)).toEqual(['tile/entries/000', 'tile/0/000', 'tile/1/000.p/1']);
  });

  it('writes only what changed', () => {
    const ledger = new MemoryLedger();
    const first = ledger.append(EMPTY_EDGE, entries.slice(0, 515));
    const second = ledger.append(first.edge, entries.slice(515, 517));
    const third = ledger.append(second.edge, entries.slice(517, 768));
    expect(second.files.map(({ path }) => path)).toEqual(['tile/entries/002.p/5', 'tile/0/002.p/5']);
    expect(third.files.map(({ path }) => path)).toEqual(['tile/entries/002', 'tile/0/002', 'tile/1/000.p/3']);
  });

  it('of nothing changes nothing', () => {
    const { head } = ledgerOf(entries.slice(0, 300));
    expect(appendEntries(head.edge, [])).toEqual({ size: 300, root: head.root, files: [], edge: head.edge });
    expect(appendEntries(EMPTY_EDGE, []).root).toEqual(EMPTY_ROOT);
  });

  it('gives the root of RFC 6962 and the same files, however the entries come in', async () => {
    const { ledger: atOnce } = ledgerOf(entries);
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.integer({ min: 1, max: 4_000 }), { minLength: 1, maxLength: 8 }),
        async (batches) => {
          const ledger = new MemoryLedger();
          let edge = EMPTY_EDGE;
          for (const batch of batches) {
            const appended = ledger.append(edge, entries.slice(edge.size, edge.size + batch));
            if (!appended.root.equals(naive.root(appended.size))) expect.fail(`another root at ${appended.size}`);
            // From the files alone comes the very edge that was left behind.
            edge = await readLedgerEdge(ledger, appended);
            if (!sameEdge(edge, appended.edge)) expect.fail(`another edge at ${appended.size}`);
          }
          for (const [path, body] of ledger.files) {
            if (!path.includes('.p/') && !body.equals(atOnce.files.get(path)!)) expect.fail(`another ${path}`);
          }
        },
      ),
      { numRuns: 25 },
    );
  });

  it('needs at most the right edge of the tree', async () => {
    large.ledger.reads.length = 0;
    await readLedgerEdge(large.ledger, large.head);
    expect(large.ledger.reads.sort()).toEqual([
      'tile/0/273.p/10',
      'tile/1/001.p/17',
      'tile/2/000.p/1',
      'tile/entries/273.p/10',
    ]);
  });

  it.each([
    [1, 256],
    [1_000, 1_000],
  ])('writes as many bytes per entry to a large tree as to a small one (%i at a time)', (batch, count) => {
    // Both trees are 10 leaves beyond a full tile, so that their partial ones are equally long.
    const [small, big] = [ledgerOf(entries.slice(0, 10)).head, large.head].map(({ edge: from, size }) => {
      let [edge, bytes] = [from, 0];
      while (edge.size < size + count) {
        const appended = appendEntries(edge, entries.slice(0, batch));
        edge = appended.edge;
        for (const { body } of appended.files) bytes += body.length;
      }
      return bytes;
    });
    expect(big! / small!).toBeLessThan(1.05);
  });

  it('refuses an entry that no bundle can hold', async () => {
    expect(await codeOf(() => appendEntries(EMPTY_EDGE, [Buffer.alloc(65_536)]))).toBe('ENTRY_TOO_LARGE');
  });
});

describe('the edge to append to', () => {
  const { ledger, head } = ledgerOf(entries.slice(0, 300));

  it('is checked byte for byte against the root', async () => {
    const codes: Record<string, Set<string>> = {};
    for (const path of ['tile/0/001.p/44', 'tile/1/000.p/1', 'tile/entries/001.p/44']) {
      codes[path] = new Set();
      for (let at = 0; at < ledger.files.get(path)!.length; at++) {
        const altered = ledger.alter(path, (body) => flipped(body, at));
        codes[path].add(await codeOf(() => readLedgerEdge(altered, head)));
      }
    }
    expect(codes).toEqual({
      'tile/0/001.p/44': new Set(['ROOT_MISMATCH']),
      'tile/1/000.p/1': new Set(['ROOT_MISMATCH']),
      'tile/entries/001.p/44': new Set(['ENTRIES_MALFORMED', 'ENTRIES_MISMATCH']),
    });
  });

  it('is refused when a file is missing, cut off or longer', async () => {
    const code = (path: string, change: (body: Buffer) => Buffer | undefined) =>
      codeOf(() => readLedgerEdge(ledger.alter(path, change), head));
    expect(await code('tile/0/001.p/44', () => undefined)).toBe('TILE_MISSING');
    expect(await code('tile/entries/001.p/44', () => undefined)).toBe('ENTRIES_MISSING');
    expect(await code('tile/0/001.p/44', (body) => body.subarray(32))).toBe('TILE_MALFORMED');
    expect(await code('tile/0/001.p/44', (body) => Buffer.concat([body, body]))).toBe('TILE_MALFORMED');
    expect(await code('tile/entries/001.p/44', (body) => Buffer.concat([body, body]))).toBe('ENTRIES_MALFORMED');
    expect(await codeOf(() => readLedgerEdge(ledger, { ...head, size: -1 }))).toBe('OUT_OF_RANGE');
  });

  it('is taken from the full files when the partial ones are deleted', async () => {
    const { ledger: grown } = ledgerOf(entries.slice(0, 600));
    expect(grown.files.has('tile/0/001.p/44')).toBe(false);
    grown.files.set('tile/1/000.p/1', ledger.files.get('tile/1/000.p/1')!);
    expect(sameEdge(await readLedgerEdge(grown, head), head.edge)).toBe(true);
  });
});

function sameEdge(a: LedgerEdge, b: LedgerEdge): boolean {
  const bytes = ({ tiles, entries: last }: LedgerEdge) => Buffer.concat([...tiles, encodeEntries(last)]);
  return a.size === b.size && a.tiles.length === b.tiles.length && bytes(a).equals(bytes(b));
}
