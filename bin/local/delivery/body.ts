import type http from 'node:http';

/**
 * Reads the body of a request.
 *
 * @param maxBytes where reading stops.
 * @returns undefined for a body that is larger; the rest of it is not read.
 */
export async function readBody(request: http.IncomingMessage, maxBytes: number): Promise<Buffer | undefined> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    length += chunk.length;
    if (length > maxBytes) return undefined;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}
