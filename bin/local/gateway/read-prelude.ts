import type { Readable } from 'node:stream';
import { MalformedAnswer } from './api';
import { MAX_PRELUDE_BYTES } from './limits';

/** A streamed answer of the function, cut into what the gateway reads and what it passes on. */
export interface CutAnswer {
  /** What comes before the delimiter: JSON. */
  readonly prelude: string;
  /** The parts of the body as they come. It fails as the function's answer does. */
  readonly parts: AsyncIterable<Buffer>;
}

/** Comes between status and headers, which hold none of it, and the body. */
const DELIMITER = Buffer.alloc(8);

/**
 * Reads until the body begins.
 *
 * @throws MalformedAnswer if no delimiter comes in time; whatever the answer fails with.
 * @see https://docs.aws.amazon.com/apigateway/latest/developerguide/response-transfer-mode-lambda.html
 */
export async function readPrelude(answer: Readable): Promise<CutAnswer> {
  const parts = answer[Symbol.asyncIterator]() as AsyncIterableIterator<Buffer>;
  let read = Buffer.alloc(0);
  for (;;) {
    const end = read.indexOf(DELIMITER);
    if (end !== -1 && end + DELIMITER.length <= MAX_PRELUDE_BYTES) {
      return {
        prelude: read.toString('utf8', 0, end),
        parts: joined(read.subarray(end + DELIMITER.length), parts),
      };
    }
    if (read.length >= MAX_PRELUDE_BYTES) throw new MalformedAnswer('status and headers are too long');
    const next = await parts.next();
    if (next.done) throw new MalformedAnswer('the answer ends before its delimiter');
    read = Buffer.concat([read, next.value]);
  }
}

async function* joined(first: Buffer, rest: AsyncIterable<Buffer>): AsyncIterable<Buffer> {
  if (first.length > 0) yield first;
  yield* rest;
}
