import fs from 'node:fs/promises';

/** Makes the names in a folder durable: a new file can be lost with its name even when its bytes are synced. */
export async function syncFolder(folder: string): Promise<void> {
  // Windows cannot open a folder; its file systems keep names durable by their journal.
  if (process.platform === 'win32') return;
  const handle = await fs.open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
