import { createHash } from 'node:crypto';
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { QueryError } from '../query/queries';

/** Folder in the working directory in which checkpoints are kept, one file a trail. */
export const SAVED_FOLDER = '.audit-checkpoints';

/**
 * Where the checkpoint of a trail is kept between runs, unless told otherwise: in the working directory, named after the
 * place of the trail and not after its key, so that a ledger with another key is noticed.
 *
 * @param location of the trail, see `TrailStore`
 */
export function defaultSavedFile(location: string): string {
  const hash = createHash('sha256').update(location).digest('hex').slice(0, 12);
  const name = path.basename(location).replace(/[^\w.-]/g, '_');
  return path.join(SAVED_FOLDER, `${name}-${hash}`);
}

/** A checkpoint that an earlier run saved: the signed note itself. @returns undefined if there is none yet */
export async function loadCheckpoint(file: string): Promise<Buffer | undefined> {
  try {
    return await readFile(file);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR') return undefined;
    throw new QueryError(`cannot read the checkpoint in ${file}: ${code ?? String(error)}`);
  }
}

/** Keeps a checkpoint for the next run. The file is always whole. @throws Error (with a `code`) */
export async function saveCheckpoint(file: string, note: Uint8Array): Promise<void> {
  await mkdir(path.dirname(file), { recursive: true });
  const whole = `${file}.${process.pid}`;
  await writeFile(whole, note);
  await rename(whole, file);
}
