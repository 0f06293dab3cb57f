import { describe, expect, it } from 'vitest';
import { LedgerError, decodeLeaf, encodeLeaf, type ObjectLeaf } from '../../../lib/ledger';
import { codeOf, flipped } from '../support';

const sha256 = '2c26b46b68ffc68ff99b453c1d30413413422d706483bfa0f98a5e886266e7ae';
const root = 'fcde2b2edba56bf408601fb721fe9b5c338d10ee429ea04fae5511b68fbf8fb9';
const plain: ObjectLeaf = { key: 'edge/dt=2026-11-24/hour=07/a', versionId: 'abc.123', size: 1_234, sha256 };
const withEvents: ObjectLeaf = { ...plain, key: 'events/größe "1".parquet', events: { count: 2, root } };

const PLAIN = `{"key":"edge/dt=2026-11-24/hour=07/a","sha256":"${sha256}","size":1234,"v":1,"version_id":"abc.123"}`;
const WITH_EVENTS =
  `{"events":{"count":2,"root":"${root}"},"key":"events/größe \\"1\\".parquet","sha256":"${sha256}",` +
  `"size":1234,"v":1,"version_id":"abc.123"}`;

describe('the leaf of an object', () => {
  it('is canonical JSON: these bytes are what is hashed, for ever', () => {
    expect(String(encodeLeaf(plain))).toBe(PLAIN);
    expect(String(encodeLeaf(withEvents))).toBe(WITH_EVENTS);
  });

  it('is read back as it was', () => {
    for (const leaf of [plain, withEvents, { ...plain, size: 0 }, { ...withEvents, events: { count: 0, root } }]) {
      expect(decodeLeaf(encodeLeaf(leaf))).toEqual(leaf);
    }
  });

  it('fits the longest key and version id that S3 allows, whatever characters they have', () => {
    const leaf = { ...plain, key: '\u0001'.repeat(1_024), versionId: 'v'.repeat(1_024) };
    expect(decodeLeaf(encodeLeaf(leaf))).toEqual(leaf);
  });

  it('is refused when no bundle could hold it', async () => {
    expect(await codeOf(() => encodeLeaf({ ...plain, key: 'k'.repeat(65_536) }))).toBe('ENTRY_TOO_LARGE');
  });

  it.each<Partial<Record<keyof ObjectLeaf, unknown>>>([
    { key: '' },
    { key: '\ud800' },
    { versionId: '' },
    { versionId: undefined },
    { size: -1 },
    { size: 1.5 },
    { size: '1' },
    { sha256: sha256.toUpperCase() },
    { sha256: sha256.slice(1) },
    { events: { count: -1, root } },
    { events: { count: 1, root: '' } },
    { events: {} },
  ])('is not written with %j', async (wrong) => {
    expect(await codeOf(() => encodeLeaf({ ...withEvents, ...wrong } as ObjectLeaf))).toBe('LEAF_MALFORMED');
  });

  it.each([
    ['white space', PLAIN.replace(',', ', ')],
    ['white space at the end', `${PLAIN}\n`],
    ['another order', `{"v":1,${PLAIN.slice(1).replace(',"v":1', '')}`],
    ['another field', PLAIN.replace('"v":1', '"note":"x","v":1')],
    ['another field in events', WITH_EVENTS.replace('"root"', '"note":1,"root"')],
    ['a field twice', PLAIN.replace('"size":1234', '"size":1234,"size":1234')],
    ['a prototype', PLAIN.replace('"v":1', '"__proto__":{},"v":1')],
    ['an escape that needs none', PLAIN.replace('edge', '\\u0065dge')],
    ['a number in another spelling', PLAIN.replace('1234', '1234.0')],
    ['a number in digits of ten', PLAIN.replace('1234', '1.234e3')],
    ['minus zero', PLAIN.replace('1234', '-0')],
    ['no events', PLAIN.replace('{"key"', '{"events":null,"key"')],
    ['events that are none', PLAIN.replace('{"key"', '{"events":"x","key"')],
    ['a field missing', PLAIN.replace('"size":1234,', '')],
    ['no version', PLAIN.replace('"v":1,', '')],
    ['a version in words', PLAIN.replace('"v":1', '"v":"1"')],
    ['a byte order mark', `\ufeff${PLAIN}`],
    ['a list', '[]'],
    ['null', 'null'],
    ['a number', '1'],
    ['nothing', ''],
  ])('is malformed with %s', async (_, json) => {
    expect(await codeOf(() => decodeLeaf(Buffer.from(json)))).toBe('LEAF_MALFORMED');
  });

  it('is malformed when it is not UTF-8', async () => {
    expect(await codeOf(() => decodeLeaf(Buffer.from(PLAIN.replace('edge', '\xff'), 'latin1')))).toBe('LEAF_MALFORMED');
  });

  it('of a later version is told from a malformed one', async () => {
    const later = Buffer.from(PLAIN.replace('"v":1', '"later":true,"v":2'));
    expect(await codeOf(() => decodeLeaf(later))).toBe('LEAF_VERSION_UNKNOWN');
  });

  it('with any bit flipped is refused, or is another leaf', async () => {
    const entry = encodeLeaf(withEvents);
    for (let at = 0; at < entry.length; at++) {
      for (let bit = 0; bit < 8; bit++) {
        const altered = flipped(entry, at, bit);
        const leaf = tryDecode(altered);
        if (leaf !== undefined && !encodeLeaf(leaf).equals(altered)) expect.fail(`${altered} was read`);
      }
    }
  });
});

/** Undefined if it is refused. */
function tryDecode(entry: Buffer): ObjectLeaf | undefined {
  try {
    return decodeLeaf(entry);
  } catch (error) {
    if (error instanceof LedgerError) return undefined;
    throw error;
  }
}
