import { once } from 'node:events';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';

/** What a service saw of one request; the marker tells which. */
export interface Seen {
  readonly marker: string;
  readonly method: string;
  readonly target: string;
  readonly body: Buffer;
}

export interface JournalingService {
  readonly url: string;
  readonly journal: Seen[];
  stop(): void;
}

/** Header by which a test marks its requests; the services write it down, the log must tell them apart by the query. */
export const MARKER = 'x-test-marker';

/**
 * A service that writes down every request, and answers as the path's last part says: `status-404`, `slow` (never in
 * time), `reset` (breaks off), `binary`, `empty`, anything else is echoed.
 */
export async function startJournalingService(): Promise<JournalingService> {
  const journal: Seen[] = [];
  const server = http.createServer((request, response) => {
    void buffer(request).then(async (body) => {
      const target = request.url ?? '';
      const marker = String(request.headers[MARKER]);
      journal.push({ marker, method: request.method ?? '', target, body });
      await answer(new URL(target, 'http://service').pathname.split('/').at(-1) ?? '', body, response);
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    journal,
    stop: () => {
      server.close();
      server.closeAllConnections();
    },
  };
}

async function answer(how: string, body: Buffer, response: http.ServerResponse): Promise<void> {
  const status = /^status-(\d{3})$/.exec(how);
  if (status) response.writeHead(Number(status[1]), { 'content-type': 'application/json' }).end('{"told":true}');
  else if (how === 'slow') await sleep(5_000, undefined, { ref: false }).then(() => response.end('late'));
  else if (how === 'reset') response.destroy();
  else if (how === 'binary') response.setHeader('content-type', 'application/octet-stream').end(BYTES);
  else if (how === 'empty') response.writeHead(204).end();
  else response.setHeader('content-type', 'text/plain').end(body.length > 0 ? body : 'hello');
}

/** Every byte there is, so that a decoding anywhere would show. */
export const BYTES = Buffer.from(Array.from({ length: 1024 }, (_, i) => i % 256));
