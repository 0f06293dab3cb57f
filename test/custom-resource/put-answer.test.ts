import { once } from 'node:events';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { putAnswer } from '../../lambda/custom-resource/put-answer';

let server: http.Server | undefined;
afterEach(() => server?.close());

interface Taken {
  readonly method: string | undefined;
  readonly url: string | undefined;
  readonly contentType: string | undefined;
  readonly body: string;
}

async function takes(status: number): Promise<{ url: string; taken: Taken[] }> {
  const taken: Taken[] = [];
  server = http.createServer((request, response) => {
    let body = '';
    request.setEncoding('utf8').on('data', (chunk: string) => (body += chunk));
    request.once('end', () => {
      const { method, url } = request;
      taken.push({ method, url, contentType: request.headers['content-type'], body });
      response.writeHead(status).end('as it is');
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/answer?signature=1`, taken };
}

describe('an answer to CloudFormation', () => {
  it('is put without a content type, which the URL was not signed for', async () => {
    const { url, taken } = await takes(200);
    await putAnswer(url, Buffer.from('{"Status":"SUCCESS"}'));
    expect(taken).toEqual([
      { method: 'PUT', url: '/answer?signature=1', contentType: '', body: '{"Status":"SUCCESS"}' },
    ]);
  });

  it('fails loudly where it is not taken', async () => {
    const { url } = await takes(403);
    await expect(putAnswer(url, Buffer.from('{}'))).rejects.toThrow('refused: 403 as it is');
  });
});
