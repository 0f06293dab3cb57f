import { once } from 'node:events';
import http from 'node:http';
import type { AddressInfo } from 'node:net';

/** A service on the loopback address that writes down which requests it got, e.g. `GET /tea`. */
export interface JournaledService {
  readonly url: string;
  readonly journal: string[];
  stop(): void;
}

export async function startJournaled(listener: http.RequestListener): Promise<JournaledService> {
  const journal: string[] = [];
  const server = http.createServer((request, response) => {
    journal.push(`${request.method} ${(request.url ?? '').split('?')[0]}`);
    listener(request, response);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    journal,
    stop: () => {
      server.close();
      server.closeAllConnections();
    },
  };
}
