import { readFile, readdir } from 'node:fs/promises';
import path from 'node:path';
import { LEDGER_PREFIX } from '../../lib/event/keys';
import type { EvidenceSource } from './source';

/** A trail in a local folder. @param root folder of the trail */
export function localSource(root: string): EvidenceSource {
  const ledger = path.join(root, LEDGER_PREFIX);
  return {
    ledger: {
      read: (file) => orIfAbsent(readFile(path.join(ledger, file)), undefined),
      list: async (folder) => {
        const names = await orIfAbsent(readdir(path.join(ledger, folder)), []);
        return names.sort().map((name) => folder + name);
      },
    },
    // There are no versions in a folder.
    read: ({ key }) => orIfAbsent(readFile(path.join(root, key)), undefined),
    walks: true,
  };
}

async function orIfAbsent<T, U>(read: Promise<T>, absent: U): Promise<T | U> {
  try {
    return await read;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR') return absent;
    throw error;
  }
}
