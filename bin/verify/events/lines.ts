import { createReadStream } from 'node:fs';
import { open } from 'node:fs/promises';
import readline from 'node:readline';
import type { FiledObject } from './fill';

/**
 * Gathers the lines of many objects in one file, each line with the number of its object: `{"object_id":7,"event":…}`.
 * Events that took the fallback lie one in an object, and opening each would take the engine longer than all else.
 *
 * @throws Error with the key of the object if a line is no JSON: it must not be able to say that it belongs to another
 */
export async function gatherLines(objects: readonly FiledObject[], file: string): Promise<void> {
  const handle = await open(file, 'w');
  try {
    for (const { id, key, file: from } of objects) {
      let number = 0;
      for await (const line of readline.createInterface({ input: createReadStream(from), crlfDelay: Infinity })) {
        number += 1;
        if (line.trim() === '') continue;
        try {
          JSON.parse(line);
        } catch (error) {
          throw new Error(`${key}, line ${number}: ${(error as Error).message}`, { cause: error });
        }
        await handle.write(`{"object_id":${id},"event":${line}}\n`);
      }
    }
  } finally {
    await handle.close();
  }
}
