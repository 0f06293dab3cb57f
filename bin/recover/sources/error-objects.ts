import { createReadStream } from 'node:fs';
import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { ERRORS_PREFIX } from '../../../lib/event/keys';
import { linesOf } from '../lines';
import { RecoveryError, type Found } from '../recovery';
import { readErrorRecord } from './error-records';

/** Objects under the error prefix, wherever they lie. */
export interface ErrorObjects {
  keys(prefix: string): AsyncIterable<string>;
  bytes(key: string): AsyncIterable<Uint8Array>;
}

/**
 * What Firehose could not deliver: each event once, and each record that is none.
 *
 * @param prefix of the keys to look at; in `errors/`
 */
export async function* undelivered(objects: ErrorObjects, prefix: string): AsyncIterable<Found> {
  // A record that failed twice is there twice.
  const seen = new Set<string>();
  for await (const key of objects.keys(prefix)) {
    for await (const line of linesOf(objects.bytes(key))) {
      if (line === '') continue;
      const found = readErrorRecord(line, key);
      if ('problem' in found) yield found;
      else if (!seen.has(`${found.uid} ${found.fingerprint}`)) {
        seen.add(`${found.uid} ${found.fingerprint}`);
        yield found;
      }
    }
  }
}

/** The error objects of a local trail. */
export class LocalErrorObjects implements ErrorObjects {
  constructor(private readonly dir: string) {}

  async *keys(prefix: string): AsyncIterable<string> {
    const folder = path.join(this.dir, ERRORS_PREFIX);
    const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(
      (error: NodeJS.ErrnoException) => {
        if (error.code === 'ENOENT') return [];
        throw new RecoveryError(`cannot read ${folder}: ${error.message}`);
      },
    );
    yield* entries
      .filter((entry) => entry.isFile())
      .map((entry) => path.relative(this.dir, path.join(entry.parentPath, entry.name)).split(path.sep).join('/'))
      .filter((key) => key.startsWith(prefix))
      .sort();
  }

  async *bytes(key: string): AsyncIterable<Uint8Array> {
    try {
      yield* createReadStream(path.join(this.dir, key)) as AsyncIterable<Uint8Array>;
    } catch (error) {
      throw new RecoveryError(`cannot read ${key}: ${error instanceof Error ? error.message : String(error)}`);
    }
  }
}
