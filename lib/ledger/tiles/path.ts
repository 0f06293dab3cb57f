import { LedgerError } from '../error';

/** Hashes in a full tile, and entries in a full bundle: tiles are 8 levels high. */
export const TILE_WIDTH = 256;

/** Where the signed checkpoint lies, relative to the ledger's prefix. */
export const CHECKPOINT_PATH = 'checkpoint';

/**
 * The path of a tile: `tile/<level>/<index>`, with `.p/<width>` if it is partial.
 *
 * @param index of the tile in its level, e.g. 1234067 for `x001/x234/067`
 * @param width hashes in it, 1 to 256
 * @see https://c2sp.org/tlog-tiles
 */
export function tilePath(level: number, index: number, width: number = TILE_WIDTH): string {
  return `tile/${level}/${indexPath(index)}${partialSuffix(width)}`;
}

/** The path of an entry bundle: `tile/entries/<index>`, with `.p/<width>` if it is partial. */
export function entriesPath(index: number, width: number = TILE_WIDTH): string {
  return `tile/entries/${indexPath(index)}${partialSuffix(width)}`;
}

/** A path, read back. */
export interface TilePath {
  /** `entries` for an entry bundle. */
  readonly level: number | 'entries';
  readonly index: number;
  /** 1 to 256; 256 means full. */
  readonly width: number;
}

/**
 * Reads a path that `tilePath` or `entriesPath` wrote. Accepts one spelling of each only.
 *
 * @throws LedgerError PATH_MALFORMED, also for indexes beyond 2^53−1
 */
export function parseTilePath(path: string): TilePath {
  const match = /^tile\/(entries|\d{1,2})\/((?:x\d{3}\/)*\d{3})(?:\.p\/(\d{1,3}))?$/.exec(path);
  if (match) {
    const level = match[1] === 'entries' ? 'entries' : Number(match[1]);
    const index = Number(match[2]!.replaceAll(/[x/]/g, ''));
    const width = match[3] === undefined ? TILE_WIDTH : Number(match[3]);
    if (Number.isSafeInteger(index) && width >= 1 && width <= TILE_WIDTH && (level === 'entries' || level < 64)) {
      // Written again it must be the same: no leading zeroes, no `.p/256`.
      const again = level === 'entries' ? entriesPath(index, width) : tilePath(level, index, width);
      if (again === path) return { level, index, width };
    }
  }
  throw new LedgerError('PATH_MALFORMED', `not a path of tlog-tiles: ${JSON.stringify(path)}`);
}

/** 1234067 becomes `x001/x234/067`. */
function indexPath(index: number): string {
  const digits = String(index);
  const groups = digits.padStart(Math.ceil(digits.length / 3) * 3, '0').match(/\d{3}/g)!;
  const last = groups.pop()!;
  return groups.map((group) => `x${group}/`).join('') + last;
}

function partialSuffix(width: number): string {
  return width === TILE_WIDTH ? '' : `.p/${width}`;
}
