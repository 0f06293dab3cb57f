import { eachStatedFingerprint } from '../../../lib/event/objects/stated-events';
import type { ParquetBytes } from '../../../lib/event/parquet/footer';

/**
 * The fingerprints that the events in an object state, in file order.
 *
 * @param take told of one after the other: an object can have more than fit into memory beside it
 * @throws Error if the object is not what its key says
 */
export async function eachFingerprint(key: string, bytes: Buffer, take: (fingerprint: string) => void): Promise<void> {
  await eachStatedFingerprint(key, inMemory(bytes), take);
}

export function inMemory(bytes: Buffer): ParquetBytes {
  return { size: bytes.length, range: async (start, end) => bytes.subarray(start, end) };
}

/** Bytes of a Parquet file, as hyparquet takes them. */
export function parquetFile(bytes: Buffer): ArrayBuffer {
  return bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length) as ArrayBuffer;
}

/** One event of JSON each. */
export function eventLines(bytes: Buffer): string[] {
  return new TextDecoder('utf-8', { fatal: true })
    .decode(bytes)
    .split('\n')
    .filter((line) => line !== '');
}
