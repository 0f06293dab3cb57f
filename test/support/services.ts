import http from 'node:http';
import net, { type AddressInfo, type Socket } from 'node:net';

/** A request as a service got it. */
export interface Received {
  readonly method: string;
  /** Path and query as they stood in the request line. */
  readonly target: string;
  /** name, value, name, value … */
  readonly rawHeaders: readonly string[];
  readonly body: Buffer;
  /** Number of the connection, from 1. */
  readonly connection: number;
}

export interface Service {
  readonly url: string;
  readonly port: number;
  readonly received: Received[];
  readonly connections: () => number;
  stop(): Promise<void>;
}

type Respond = (request: Received, response: http.ServerResponse) => void;

/** A real HTTP server on the loopback address. */
export async function startService(
  respond: Respond = (_request, response) => void response.end('ok'),
  host = '127.0.0.1',
): Promise<Service> {
  const received: Received[] = [];
  const numbers = new Map<Socket, number>();
  const server = http.createServer({ keepAliveTimeout: 60_000 }, (request, response) => {
    const chunks: Buffer[] = [];
    request.on('error', () => undefined);
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const got: Received = {
        method: request.method ?? '',
        target: request.url ?? '',
        rawHeaders: request.rawHeaders,
        body: Buffer.concat(chunks),
        connection: numbers.get(request.socket) ?? 0,
      };
      received.push(got);
      respond(got, response);
    });
  });
  server.on('connection', (socket) => numbers.set(socket, numbers.size + 1));
  return listening(
    server,
    host,
    () => numbers.size,
    received,
    () => server.closeAllConnections(),
  );
}

/** A server that speaks bytes: each connection's data goes to `onData`, with how many requests it has had so far. */
export async function startRawService(
  onData: (socket: Socket, data: Buffer, state: { readonly connection: number; readonly requests: number }) => void,
): Promise<Service> {
  const sockets = new Set<Socket>();
  let connections = 0;
  const server = net.createServer((socket) => {
    sockets.add(socket);
    const connection = (connections += 1);
    let requests = 0;
    socket.on('error', () => undefined);
    socket.on('data', (data) => onData(socket, data, { connection, requests: (requests += 1) }));
  });
  return listening(
    server,
    '127.0.0.1',
    () => connections,
    [],
    () => sockets.forEach((socket) => socket.destroy()),
  );
}

async function listening(
  server: net.Server,
  host: string,
  connections: () => number,
  received: Received[],
  disconnect: () => void,
): Promise<Service> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, host, resolve);
  });
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://${host.includes(':') ? `[${host}]` : host}:${port}`,
    port,
    received,
    connections,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        disconnect();
      }),
  };
}

/** A port of the loopback address that nobody listens on. */
export async function unusedPort(): Promise<number> {
  const service = await startRawService(() => undefined);
  await service.stop();
  return service.port;
}

/** All values of a header. */
export function valuesOf(rawHeaders: readonly string[], name: string): string[] {
  return rawHeaders.filter((_, i) => i % 2 === 1 && rawHeaders[i - 1]?.toLowerCase() === name.toLowerCase());
}
