import type { Socket } from 'node:net';
import { afterTest } from './after-test';
import { startRawService, type Service } from './services';

export interface BodilessService extends Service {
  /** Request lines in the order in which they were read, each with the number of its connection. */
  readonly read: { readonly line: string; readonly connection: number; readonly close: boolean }[];
  /** Connections that it has not seen closed. */
  readonly open: Set<Socket>;
}

/** What the service writes for a request. @param target its path and query */
export type Answering = (target: string, socket: Socket) => string;

/** An answer whose body is the target of its request. */
export const echo: Answering = (target) => answer(target);

export function answer(body: string, more = ''): string {
  return `HTTP/1.1 200 OK\r\n${more}Content-Length: ${body.length}\r\n\r\n${body}`;
}

/**
 * A service that reads the body of POST, PUT and PATCH only, as many hand-written ones and some frameworks do: what comes
 * behind any other head is the next request to it. Keeps connections open unless it is asked not to, and then too if it is
 * `stubborn`. Stops after the test.
 */
export async function startBodilessService(answering: Answering = echo, stubborn = false): Promise<BodilessService> {
  const read: BodilessService['read'][number][] = [];
  const open = new Set<Socket>();
  const unread = new Map<Socket, string>();
  const service = await startRawService((socket, data, { connection }) => {
    if (!open.has(socket)) {
      open.add(socket);
      socket.setNoDelay(); // What is written has arrived.
      socket.on('close', () => open.delete(socket));
    }
    let rest = (unread.get(socket) ?? '') + data.toString('latin1');
    for (;;) {
      const [head = '', method = '', target = ''] =
        /^(?:\r\n)*(\S+) (\S+) HTTP\/1\.1\r\n[^]*?\r\n\r\n/.exec(rest) ?? [];
      const length = /^(?:POST|PUT|PATCH)$/.test(method) ? Number(/^content-length: (\d+)/im.exec(head)?.[1] ?? 0) : 0;
      if (head === '' || rest.length < head.length + length) break;
      rest = rest.slice(head.length + length);
      const close = /^connection: close/im.test(head);
      read.push({ line: `${method} ${target}`, connection, close });
      const text = answering(target, socket);
      socket.write(method === 'HEAD' ? text.slice(0, text.indexOf('\r\n\r\n') + 4) : text, 'latin1');
      // What was written before may still be run, as a real service would have begun with it.
      if (close && !stubborn) socket.end();
    }
    unread.set(socket, rest);
  });
  afterTest(() => service.stop());
  return Object.assign(service, { read, open });
}
