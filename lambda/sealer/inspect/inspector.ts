import { createHash } from 'node:crypto';
import { eventFormatOf } from '../../../lib/event/keys';
import type { ObjectFacts, ObjectInspector, ObjectVersion } from '../../../lib/ledger/seal';
import { eventsIn } from './events-in';
import { Limit } from './limit';
import type { ObjectSource, OpenObject } from './object-source';

/** Objects up to this size are read side by side; nearly all are. */
const SMALL_BYTES = 4 * 1024 * 1024;
/** Larger ones that are read at a time. */
const LARGE_AT_ONCE = 2;
/** Objects up to this size are kept while they are hashed, and parsed from memory. */
const KEPT_BYTES = 64 * 1024 * 1024;

/** Reads each object as a stream, so that its size does not matter, and of its events what a leaf tells of them. */
export class Inspector implements ObjectInspector {
  private readonly large = new Limit(LARGE_AT_ONCE);
  /** A page can take 128 MiB once decompressed, however small the object is. */
  private readonly parsing = new Limit(1);

  constructor(private readonly source: ObjectSource) {}

  async inspect(version: ObjectVersion): Promise<ObjectFacts | undefined> {
    const object = await this.source.open(version);
    if (object === undefined) return undefined;
    if (eventFormatOf(version.key) === undefined) return digest(object, undefined);
    const parse = () => this.parse(version.key, object);
    return object.size <= SMALL_BYTES ? parse() : this.large.run(parse);
  }

  private async parse(key: string, object: OpenObject): Promise<ObjectFacts> {
    const kept: Uint8Array[] | undefined = object.size <= KEPT_BYTES ? [] : undefined;
    const facts = await digest(object, kept);
    return this.parsing.run(() => withEvents(facts, key, kept === undefined ? object : inMemory(Buffer.concat(kept))));
  }
}

async function digest({ size, chunks }: OpenObject, kept: Uint8Array[] | undefined) {
  const hash = createHash('sha256');
  let length = 0;
  for await (const chunk of chunks) {
    hash.update(chunk);
    length += chunk.length;
    kept?.push(chunk);
  }
  if (length !== size) throw new Error(`${length} bytes came instead of ${size}`);
  return { size, sha256: hash.digest('hex') };
}

type Bytes = Pick<OpenObject, 'size' | 'range'>;

/** An object that cannot be parsed is what it is; one that cannot be read is read another time. */
async function withEvents(facts: ObjectFacts, key: string, bytes: Bytes): Promise<ObjectFacts> {
  let failure: { readonly error: unknown } | undefined;
  const range = async (start: number, end: number): Promise<Uint8Array> => {
    try {
      return await bytes.range(start, end);
    } catch (error) {
      failure = { error };
      throw error;
    }
  };
  try {
    return { ...facts, ...(await eventsIn(key, { size: bytes.size, range })) };
  } catch (error) {
    if (failure !== undefined) throw failure.error;
    return { ...facts, unreadable: (error as Error).message };
  }
}

function inMemory(bytes: Buffer): Bytes {
  return { size: bytes.length, range: async (start, end) => bytes.subarray(start, end) };
}
