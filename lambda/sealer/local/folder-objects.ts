import { constants } from 'node:fs';
import { open, type FileHandle } from 'node:fs/promises';
import path from 'node:path';
import type { ObjectSource } from '../inspect/object-source';

/** Id of the version of every object in a folder: S3 says the same of a bucket without versions. */
export const NO_VERSION = 'null';

/** The objects of a trail in a folder: regular files. */
export function folderObjects(root: string): ObjectSource {
  return {
    open: async ({ key, versionId }) => {
      const file = path.join(root, key);
      const size =
        versionId === NO_VERSION ? await withFile(file, async (handle) => (await handle.stat()).size) : undefined;
      if (size === undefined) return undefined;
      return { size, chunks: chunksOf(file), range: (start, end) => rangeOf(file, start, end) };
    },
  };
}

async function* chunksOf(file: string): AsyncGenerator<Uint8Array> {
  const handle = await openRegular(file);
  if (handle === undefined) throw new Error(`${file} is gone while it is read`);
  yield* handle.createReadStream();
}

async function rangeOf(file: string, start: number, end: number): Promise<Uint8Array> {
  const part = await withFile(file, async (handle) => {
    const bytes = Buffer.alloc(end - start);
    const { bytesRead } = await handle.read(bytes, 0, bytes.length, start);
    return bytes.subarray(0, bytesRead);
  });
  if (part?.length === end - start) return part;
  throw new Error(`${file} is not as long as it was`);
}

/** @returns undefined if there is no such file */
async function withFile<T>(file: string, work: (handle: FileHandle) => Promise<T>): Promise<T | undefined> {
  const handle = await openRegular(file);
  try {
    return handle && (await work(handle));
  } finally {
    await handle?.close();
  }
}

/** Without these, opening a FIFO waits for somebody who writes, and a link leads out of the folder. Windows has neither. */
const FLAGS = constants.O_RDONLY | (constants.O_NONBLOCK ?? 0) | (constants.O_NOFOLLOW ?? 0);

/** What the system says of a path at which there is no file, or a link, or a socket. */
const NO_FILE = ['ENOENT', 'ENOTDIR', 'ELOOP', 'ENXIO', 'EISDIR'];

/** @returns undefined if there is no such file, or something else than a regular one */
async function openRegular(file: string): Promise<FileHandle | undefined> {
  const handle = await open(file, FLAGS).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== undefined && NO_FILE.includes(error.code)) return undefined;
    throw error;
  });
  if (handle === undefined || (await handle.stat()).isFile()) return handle;
  await handle.close();
  return undefined;
}
