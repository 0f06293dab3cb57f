import { access, mkdir, open } from 'node:fs/promises';
import path from 'node:path';
import { newAssertionKey } from '../../lib/routing/new-assertion-key';

/** The keys that sign who called. Whoever has them can pass for anybody. */
const FILE = 'assertion.json';

/**
 * The key set of the local pipeline, made at the first start in a file that only its owner can read.
 *
 * @param dataFolder absolute
 * @returns what the function takes in a secret's place
 */
export async function localAssertionKeys(dataFolder: string): Promise<string> {
  const folder = path.join(dataFolder, 'keys');
  const file = path.join(folder, FILE);
  const isThere = await access(file).then(
    () => true,
    () => false,
  );
  if (!isThere) {
    await mkdir(folder, { recursive: true });
    const handle = await open(file, 'wx', 0o600);
    try {
      await handle.writeFile(JSON.stringify({ keys: [newAssertionKey(), newAssertionKey()] }));
      await handle.sync();
    } finally {
      await handle.close();
    }
  }
  return `file:${file}`;
}
