import { describe, expect, it } from 'vitest';
import {
  MAX_ENTRY_SIZE,
  decodeEntries,
  encodeEntries,
  entriesPath,
  parseTilePath,
  tilePath,
} from '../../../lib/ledger';
import { codeOf } from '../support';

/** The paths of https://c2sp.org/tlog-tiles, and of tessera's api/layout/paths_test.go. */
describe('the paths of tlog-tiles', () => {
  it.each([
    ['tile/0/000', 0, 0, 256],
    ['tile/0/000.p/255', 0, 0, 255],
    ['tile/0/001', 0, 1, 256],
    ['tile/1/000.p/1', 1, 0, 1],
    ['tile/1/999', 1, 999, 256],
    ['tile/1/x001/000', 1, 1_000, 256],
    ['tile/0/x001/x234/067', 0, 1_234_067, 256],
    ['tile/0/x001/x234/067.p/89', 0, 1_234_067, 89],
    ['tile/15/x455/667', 15, 455_667, 256],
    ['tile/15/x123/x456/789.p/41', 15, 123_456_789, 41],
    ['tile/63/x009/x007/x199/x254/x740/991', 63, 2 ** 53 - 1, 256],
    ['tile/entries/000', 'entries', 0, 256],
    ['tile/entries/000.p/8', 'entries', 0, 8],
    ['tile/entries/255.p/253', 'entries', 255, 253],
    ['tile/entries/x123/x456/789', 'entries', 123_456_789, 256],
  ] as const)('%s', (path, level, index, width) => {
    expect(level === 'entries' ? entriesPath(index, width) : tilePath(level, index, width)).toBe(path);
    expect(parseTilePath(path)).toEqual({ level, index, width });
  });

  it.each([
    'tile/0/x001/x234/067.p/',
    'tile/0/x001/x234/067.p',
    'tile/0/x001/x234/',
    'tile/0/x001/x234',
    'tile/0/x001',
    'tile/1/x001/.p/abc',
    'tile/64/x001/002',
    'tile/-1/x001/002',
    'tile/abc/x001/002',
    'tile/8/001/002',
    'tile/8/x001/0002',
    'tile/8/x001/-002',
    'tile/8/x001/002.p/256',
    'tile/8/x001/002.p/0',
    'tile/8/x001/002.p/07',
    'tile/08/x001/002',
    'tile/8/x000/001',
    'tile/8/1',
    'tile/8/000/',
    '/tile/8/000',
    'tile/data/000',
    'checkpoint',
    'tile/0/000\n',
    // Indexes beyond 2^53−1, which no tree here reaches.
    'tile/63/x009/x007/x199/x254/x740/992',
    'tile/63/x999/x999/x999/x999/x999/x999/999.p/255',
  ])('refuses %j', async (path) => {
    expect(await codeOf(() => parseTilePath(path))).toBe('PATH_MALFORMED');
  });
});

describe('entry bundles', () => {
  it('put the length of each entry before it, in 16 bits', () => {
    const bundle = encodeEntries([Buffer.from('one'), Buffer.alloc(0), Buffer.from('three')]);
    expect(bundle.toString('latin1')).toBe('\0\x03one\0\0\0\x05three');
    expect(decodeEntries(bundle).map(String)).toEqual(['one', '', 'three']);
  });

  it('hold entries of up to 65,535 bytes', async () => {
    const longest = Buffer.alloc(MAX_ENTRY_SIZE, 7);
    expect(decodeEntries(encodeEntries([longest, longest])).every((entry) => entry.equals(longest))).toBe(true);
    expect(await codeOf(() => encodeEntries([Buffer.alloc(MAX_ENTRY_SIZE + 1)]))).toBe('ENTRY_TOO_LARGE');
  });

  it('may be any bytes of a larger buffer', () => {
    const bundle = encodeEntries([Buffer.from('one')]);
    const larger = new Uint8Array([9, 9, ...bundle, 9]);
    expect(decodeEntries(larger.subarray(2, -1)).map(String)).toEqual(['one']);
  });

  it.each(['00', '0001', '000561', '000161ff', '0001610000ff'])('refuses the cut-off bundle %s', async (hex) => {
    expect(await codeOf(() => decodeEntries(Buffer.from(hex, 'hex')))).toBe('ENTRIES_MALFORMED');
  });
});
