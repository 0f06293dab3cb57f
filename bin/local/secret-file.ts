import { access, mkdir, open, rename } from 'node:fs/promises';
import path from 'node:path';

/** Where the secrets of a local trail lie. */
export function keysFolder(dataFolder: string): string {
  return path.join(dataFolder, 'keys');
}

/**
 * A secret of the local pipeline, made at the first start in a file that only its owner can read.
 *
 * @param dataFolder absolute
 * @param make makes the text of the secret
 * @returns what the function takes in the place of a secret's ARN
 */
export async function localSecret(dataFolder: string, name: string, make: () => string): Promise<string> {
  const folder = keysFolder(dataFolder);
  const file = path.join(folder, name);
  const isThere = await access(file).then(
    () => true,
    () => false,
  );
  if (!isThere) {
    await mkdir(folder, { recursive: true });
    // Under its name only once it is whole: a start that is cut off leaves no half of a secret.
    const unfinished = `${file}.new`;
    const handle = await open(unfinished, 'w', 0o600);
    try {
      await handle.writeFile(make());
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(unfinished, file);
  }
  return `file:${file}`;
}
