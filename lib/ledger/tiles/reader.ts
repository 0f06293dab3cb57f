import { LedgerError, type LedgerErrorPlace } from '../error';
import { HASH_SIZE } from '../merkle/hash';
import { decodeEntries } from './bundle';
import { TILE_WIDTH, entriesPath, tilePath } from './path';

/** The files of a ledger: a folder, a bucket, a web server. The only thing that verifying asks of the outside. */
export interface TileReader {
  /**
   * Reads one file.
   *
   * @param path relative to the ledger's prefix, e.g. `tile/0/x001/x234/067.p/12`
   * @returns its bytes, which nobody changes afterwards; undefined if it is not there. Any other failure is thrown.
   */
  read(path: string): Promise<Uint8Array | undefined>;
}

/** Reads a tile's hashes. Nothing is proven of them yet. @throws LedgerError TILE_MISSING, TILE_MALFORMED */
export async function readTile(reader: TileReader, level: number, index: number, width: number): Promise<Buffer> {
  const { bytes, path, full } = await readWithFallback(reader, width, (w) => tilePath(level, index, w));
  const place = { path, leaves: leavesOfTile(level, index, width) };
  if (bytes === undefined) throw new LedgerError('TILE_MISSING', `${path} is missing`, place);
  const expected = (full ? TILE_WIDTH : width) * HASH_SIZE;
  if (bytes.length !== expected) {
    throw new LedgerError('TILE_MALFORMED', `${path} has ${bytes.length} bytes instead of ${expected}`, place);
  }
  return Buffer.from(bytes.buffer, bytes.byteOffset, width * HASH_SIZE);
}

/** Reads a bundle's entries. Nothing is proven of them yet. @throws LedgerError ENTRIES_MISSING, ENTRIES_MALFORMED */
export async function readEntries(reader: TileReader, index: number, width: number): Promise<Buffer[]> {
  const { bytes, path, full } = await readWithFallback(reader, width, (w) => entriesPath(index, w));
  const place = { path, leaves: leavesOfTile(0, index, width) };
  if (bytes === undefined) throw new LedgerError('ENTRIES_MISSING', `${path} is missing`, place);
  const entries = decodeAt(bytes, place);
  const expected = full ? TILE_WIDTH : width;
  if (entries.length !== expected) {
    const message = `${path} has ${entries.length} entries instead of ${expected}`;
    throw new LedgerError('ENTRIES_MALFORMED', message, place);
  }
  return entries.slice(0, width);
}

/** The leaves below a tile, as far as it is filled. */
export function leavesOfTile(level: number, index: number, width: number): LedgerErrorPlace['leaves'] {
  const leavesOfHash = TILE_WIDTH ** level;
  const first = index * TILE_WIDTH * leavesOfHash;
  return { first, end: first + width * leavesOfHash };
}

/** A log may delete a partial file once the full one is there (tlog-tiles, "Partial Tiles"). */
async function readWithFallback(reader: TileReader, width: number, pathOf: (width: number) => string) {
  const path = pathOf(width);
  const bytes = await reader.read(path);
  if (bytes !== undefined || width === TILE_WIDTH) return { path, bytes, full: width === TILE_WIDTH };
  const whole = await reader.read(pathOf(TILE_WIDTH));
  return whole === undefined ? { path, bytes, full: false } : { path: pathOf(TILE_WIDTH), bytes: whole, full: true };
}

function decodeAt(bytes: Uint8Array, place: LedgerErrorPlace): Buffer[] {
  try {
    return decodeEntries(bytes);
  } catch (error) {
    if (!(error instanceof LedgerError)) throw error;
    throw new LedgerError(error.code, `${place.path}: ${error.message}`, place);
  }
}
