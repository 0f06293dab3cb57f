import fs from 'node:fs/promises';
import path from 'node:path';
import { reasonOf, StartError } from './start-error';

/**
 * Makes the data folder where it is missing, and finds out whether it can be written.
 *
 * @returns its absolute path.
 * @throws StartError
 */
export async function prepareDataFolder(folder: string): Promise<string> {
  const absolute = path.resolve(folder);
  try {
    await makeFolder(absolute);
    await fs.rmdir(await fs.mkdtemp(path.join(absolute, '.probe-')));
  } catch (error) {
    throw new StartError(`cannot write to the data folder ${absolute}: ${reasonOf(error)}`);
  }
  return absolute;
}

/** Not Node's recursive mkdir: that never returns where a file system takes no folders (as /proc). */
async function makeFolder(folder: string): Promise<void> {
  const make = () =>
    fs.mkdir(folder).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'EEXIST') throw error;
    });
  await make().catch(async (error: NodeJS.ErrnoException) => {
    const parent = path.dirname(folder);
    if (error.code !== 'ENOENT' || parent === folder) throw error;
    await makeFolder(parent);
    await make();
  });
}
