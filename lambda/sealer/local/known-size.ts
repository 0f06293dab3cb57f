import path from 'node:path';
import { readIfThere, type DurableFiles } from './durable';

/** Where the number of leaves stands that the ledger had last; beside its key, and so outside of `ledger/`. */
const SIZE = 'ledger.size';
const PRIVATE_KEY = 'ledger.pem';

/**
 * How many leaves the ledger of a folder is known to have had: if `ledger/` is removed as a whole, this is what tells an old
 * trail from a new one.
 */
export class KnownSize {
  private constructor(
    private readonly file: string,
    private readonly files: DurableFiles,
    /** Leaves that the ledger must have at least. */
    readonly atLeast: number,
  ) {}

  /**
   * Call it before the key is made. The record is written first, so that there is never a key without one: if there is, the
   * record was removed, and the ledger must be there.
   *
   * @param folder in which the key lies
   * @throws Error if the record is not what `raise` wrote
   */
  static async open(folder: string, files: DurableFiles): Promise<KnownSize> {
    const file = path.join(folder, SIZE);
    const size = await read(file);
    if (size !== undefined) return new KnownSize(file, files, size);
    const hasKey = (await readIfThere(path.join(folder, PRIVATE_KEY))) !== undefined;
    if (!hasKey) await files.writeNew(file, Buffer.from('0\n'));
    return new KnownSize(file, files, hasKey ? 1 : 0);
  }

  /** Call it when the ledger has so many leaves. */
  async raise(size: number): Promise<void> {
    // Another process may be further.
    if (size > ((await read(this.file)) ?? 0)) await this.files.replace(this.file, Buffer.from(`${size}\n`));
  }
}

async function read(file: string): Promise<number | undefined> {
  const text = (await readIfThere(file))?.toString();
  if (text === undefined) return undefined;
  if (!/^\d{1,15}\n$/.test(text)) throw new Error(`${file} must hold the number of leaves of the ledger, got ${JSON.stringify(text.slice(0, 40))}`); // prettier-ignore
  return Number(text);
}
