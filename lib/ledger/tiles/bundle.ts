import { LedgerError } from '../error';

/** Longest entry in bytes: a bundle gives its length in 16 bits. */
export const MAX_ENTRY_SIZE = 65_535;

/**
 * Writes an entry bundle: each entry behind its length as big-endian uint16.
 *
 * @throws LedgerError ENTRY_TOO_LARGE
 * @see https://c2sp.org/tlog-tiles
 */
export function encodeEntries(entries: readonly Uint8Array[]): Buffer {
  const bundle = Buffer.allocUnsafe(entries.reduce((total, { length }) => total + 2 + length, 0));
  let at = 0;
  for (const entry of entries) {
    if (entry.length > MAX_ENTRY_SIZE) {
      throw new LedgerError('ENTRY_TOO_LARGE', `an entry has ${entry.length} bytes, more than ${MAX_ENTRY_SIZE}`);
    }
    at = bundle.writeUInt16BE(entry.length, at);
    bundle.set(entry, at);
    at += entry.length;
  }
  return bundle;
}

/**
 * Reads an entry bundle. The entries are views into it.
 *
 * @throws LedgerError ENTRIES_MALFORMED if it ends within an entry
 */
export function decodeEntries(bundle: Uint8Array): Buffer[] {
  const bytes = Buffer.from(bundle.buffer, bundle.byteOffset, bundle.length);
  const entries: Buffer[] = [];
  for (let at = 0; at < bytes.length;) {
    const start = at + 2;
    const end = start <= bytes.length ? start + bytes.readUInt16BE(at) : Infinity;
    if (end > bytes.length)
      throw new LedgerError('ENTRIES_MALFORMED', `the bundle ends within entry ${entries.length}`);
    entries.push(bytes.subarray(start, end));
    at = end;
  }
  return entries;
}
