import type http from 'node:http';
import { PassThrough } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { MAX_STREAMED_BYTES, streamedBody } from '../../../bin/local/runtime/streamed-body';

/** A response as it comes from the runtime, of so many bytes. */
function responseOf(length: number, trailers: Record<string, string> = {}): http.IncomingMessage {
  const response = Object.assign(new PassThrough(), { trailers, complete: false });
  const part = Buffer.alloc(20 * 1024 * 1024);
  void (async () => {
    for (let left = length; left > 0; left -= part.length) {
      if (!response.write(part.subarray(0, left))) await new Promise((resolve) => response.once('drain', resolve));
    }
    response.complete = true;
    response.end();
  })();
  return response as unknown as http.IncomingMessage;
}

async function lengthOf(body: AsyncIterable<Buffer>): Promise<number> {
  let length = 0;
  for await (const part of body) length += part.length;
  return length;
}

describe('the body of a streamed response', () => {
  it('may have 200 MB and not a byte more', async () => {
    expect(await lengthOf(streamedBody(responseOf(MAX_STREAMED_BYTES)))).toBe(MAX_STREAMED_BYTES);
    const larger = responseOf(MAX_STREAMED_BYTES + 1);
    await expect(lengthOf(streamedBody(larger))).rejects.toMatchObject({ type: 'Function.ResponseSizeTooLarge' });
  });

  it.each([
    ['a description', Buffer.from('{"errorMessage":"oh no"}').toString('base64'), 'oh no'],
    ['something else', Buffer.from('oh no').toString('base64'), 'oh no'],
    ['nothing', '', ''],
  ])('fails by a trailer with %s', async (_, body, message) => {
    const trailers = { 'lambda-runtime-function-error-type': 'Oops', 'lambda-runtime-function-error-body': body };
    const failing = lengthOf(streamedBody(responseOf(10, trailers)));
    await expect(failing).rejects.toMatchObject({ name: 'FunctionError', type: 'Oops', message });
  });
});
