import type { SealStore } from '../../lib/ledger/seal';
import type { Slice } from './sweep';

/** Where it stands which parts of the bucket sweeps began with and had no time to finish. */
const PATH = 'sweep';
/** Parts that are kept; more have their turn in a later round. */
const MOST = 2_000;

/**
 * What sweeps left for the next one. It only adds to what that looks at anyway: if the file is lost or changed, what is left
 * waits until it has its turn again.
 */
export class Unfinished {
  private etag: string | undefined;
  private wasEmpty = true;

  constructor(private readonly store: Pick<SealStore, 'get' | 'putIfAbsent' | 'putIfMatch'>) {}

  async read(): Promise<Slice[]> {
    const file = await this.store.get(PATH);
    this.etag = file?.etag;
    const slices = file === undefined ? [] : parse(file.bytes);
    this.wasEmpty = slices.length === 0;
    return slices;
  }

  /** Call it after `read`. Where another sweep wrote in the meantime, that counts. */
  async write(slices: readonly Slice[]): Promise<void> {
    if (slices.length === 0 && this.wasEmpty) return;
    const bytes = Buffer.from(JSON.stringify({ v: 1, slices: slices.slice(0, MOST) }));
    await (this.etag === undefined
      ? this.store.putIfAbsent(PATH, bytes)
      : this.store.putIfMatch(PATH, bytes, this.etag));
  }
}

/** @returns nothing if it is not what a sweep writes */
function parse(bytes: Uint8Array): Slice[] {
  try {
    const { slices } = JSON.parse(Buffer.from(bytes).toString()) as { slices: Slice[] };
    return slices.every(isSlice) ? slices : [];
  } catch {
    return [];
  }
}

function isSlice({ prefix, after, since = 0 }: Slice): boolean {
  const isPlace = after === undefined || (typeof after.key === 'string' && typeof after.versionId === 'string');
  return typeof prefix === 'string' && isPlace && typeof since === 'number';
}
