import { pipeline, Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';

/**
 * The lines of a text in UTF-8, without their ends (LF or CR LF); nothing else ends a line. What begins like gzip is
 * unpacked first.
 *
 * @throws whatever reading throws, and Error where the gzip data is damaged or cut
 */
export async function* linesOf(bytes: AsyncIterable<Uint8Array>): AsyncIterable<string> {
  const decoder = new TextDecoder();
  // A line of many chunks is joined once, when its end is there.
  let begun: string[] = [];
  for await (const chunk of unpacked(bytes)) {
    const [first = '', ...rest] = decoder.decode(chunk, { stream: true }).split('\n');
    begun.push(first);
    for (const next of rest) {
      yield withoutReturn(begun.join(''));
      begun = [next];
    }
  }
  const last = begun.join('') + decoder.decode();
  if (last !== '') yield withoutReturn(last);
}

function withoutReturn(line: string): string {
  return line.endsWith('\r') ? line.slice(0, -1) : line;
}

/** @see https://www.rfc-editor.org/rfc/rfc1952 (2.3.1: ID1, ID2) */
const GZIP = Buffer.from([0x1f, 0x8b]);

async function* unpacked(bytes: AsyncIterable<Uint8Array>): AsyncIterable<Uint8Array> {
  const chunks = bytes[Symbol.asyncIterator]();
  let start = Buffer.alloc(0);
  for (let next = await chunks.next(); !next.done; next = await chunks.next()) {
    start = Buffer.concat([start, next.value]);
    if (start.length >= GZIP.length) break;
  }
  const whole = startingWith(start, chunks);
  if (start.subarray(0, GZIP.length).equals(GZIP)) {
    const gunzip = createGunzip();
    // What goes wrong destroys gunzip, and comes out where it is read.
    pipeline(Readable.from(whole), gunzip, () => undefined);
    yield* gunzip as AsyncIterable<Uint8Array>;
  } else {
    yield* whole;
  }
}

async function* startingWith(start: Uint8Array, rest: AsyncIterator<Uint8Array>): AsyncIterable<Uint8Array> {
  yield start;
  for (let next = await rest.next(); !next.done; next = await rest.next()) yield next.value;
}
