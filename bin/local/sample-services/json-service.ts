import http from 'node:http';
import type net from 'node:net';
import { once } from 'node:events';

/** A request as a sample service sees it. */
export interface ServiceRequest {
  readonly method: string;
  /** Path segments as they came: `/orders/o-1` is `['orders', 'o-1']`. */
  readonly segments: readonly string[];
  /** The body as JSON; undefined if there was none. */
  readonly body: unknown;
}

export interface ServiceReply {
  readonly status: number;
  /** Left out: no body. */
  readonly body?: object;
  readonly location?: string;
}

export interface SampleService {
  readonly name: string;
  readonly port: number;
  stop(): Promise<void>;
}

/** Body that is not JSON. */
class NotJson extends Error {}

/**
 * Starts a service that speaks JSON on 127.0.0.1, and tells in each answer how the request reached it.
 *
 * @param port the port it would like; where that is taken, a free one.
 */
export async function startJsonService(
  name: string,
  port: number,
  handle: (request: ServiceRequest) => ServiceReply,
): Promise<SampleService> {
  const server = http.createServer((request, response) => {
    readJson(request)
      .then((body) => handle({ method: request.method ?? '', segments: segmentsOf(request), body }))
      .catch((error: unknown): ServiceReply => {
        if (error instanceof NotJson) return { status: 400, body: { error: 'the body is not JSON' } };
        throw error;
      })
      .then((reply) => send(response, reply, { service: name, ...reachedBy(request) }))
      // The caller went away.
      .catch(() => response.destroy());
  });
  await listen(server, port);
  return {
    name,
    port: (server.address() as net.AddressInfo).port,
    stop: async () => {
      const closed = once(server, 'close');
      server.close();
      // The proxy keeps its connections; nothing is under way on them any more.
      server.closeAllConnections();
      await closed;
    },
  };
}

function segmentsOf(request: http.IncomingMessage): string[] {
  const [path = ''] = (request.url ?? '').split('?');
  return path.split('/').filter((segment) => segment !== '');
}

function send(response: http.ServerResponse, { status, body, location }: ServiceReply, seenBy: object): void {
  response.writeHead(status, {
    ...(body !== undefined && { 'Content-Type': 'application/json' }),
    ...(location !== undefined && { Location: location }),
  });
  response.end(body && `${JSON.stringify({ ...body, seen_by: seenBy }, null, 2)}\n`);
}

async function readJson(request: http.IncomingMessage): Promise<unknown> {
  const parts: Buffer[] = [];
  for await (const part of request) parts.push(part as Buffer);
  if (parts.length === 0) return undefined;
  try {
    return JSON.parse(Buffer.concat(parts).toString('utf8'));
  } catch {
    throw new NotJson();
  }
}

/** What the proxy told the service about the request. */
function reachedBy({ headers }: http.IncomingMessage): object {
  return {
    request_id: headers['x-request-id'],
    forwarded_for: headers['x-forwarded-for'],
    traceparent: headers['traceparent'],
  };
}

async function listen(server: http.Server, port: number): Promise<void> {
  try {
    server.listen(port, '127.0.0.1');
    await once(server, 'listening');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EADDRINUSE') throw error;
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
  }
}
