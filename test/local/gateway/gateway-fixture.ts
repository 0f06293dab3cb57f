import net from 'node:net';
import { once } from 'node:events';
import type { Api } from '../../../bin/local/gateway/api';
import type { Functions } from '../../../bin/local/gateway/functions';
import { startGateway, type Gateway, type GatewayOptions } from '../../../bin/local/gateway/server';
import { afterTest } from '../../support/after-test';

/** A function that keeps the events it got and answers what the test says. */
export class FakeFunctions implements Functions {
  readonly events: Event[] = [];
  readonly givenUp: AbortSignal[] = [];
  readonly requestIds: string[] = [];

  constructor(public answer: (event: Event) => Promise<string> | string = () => '{"statusCode":200,"body":"hello"}') {}

  async invoke(text: string, givenUp: AbortSignal, requestId: string): Promise<string> {
    const event = JSON.parse(text) as Event;
    this.events.push(event);
    this.givenUp.push(givenUp);
    this.requestIds.push(requestId);
    return this.answer(event);
  }

  /** The one event that came. */
  get event(): Event {
    const [event, ...more] = this.events;
    if (event === undefined || more.length > 0) throw new Error(`expected one event, got ${this.events.length}`);
    return event;
  }
}

/** An event as its reader sees it: JSON. */
export type Event = Record<string, unknown> & { requestContext: Record<string, unknown> & Record<'identity', unknown> };

export async function gatewayWith(
  api: Api,
  functions: Functions,
  more: Partial<GatewayOptions> = {},
): Promise<Gateway> {
  const gateway = await startGateway({ api, functions, callers: {}, port: 0, ...more });
  afterTest(() => gateway.stop());
  return gateway;
}

/** Sends bytes as they are and reads until the server closes the connection. */
export async function raw(gateway: Gateway, bytes: string | Buffer): Promise<string> {
  const socket = net.connect(gateway.port, '127.0.0.1');
  const parts: Buffer[] = [];
  socket.on('data', (part: Buffer) => parts.push(part));
  socket.on('error', () => undefined);
  socket.write(bytes);
  await once(socket, 'close');
  return Buffer.concat(parts).toString('latin1');
}

/** A raw request with `Connection: close`, so that the answer has an end. */
export function rawRequest(line: string, headers: readonly string[] = [], body = ''): string {
  return [`${line} HTTP/1.1`, 'Host: api.example.com:8080', 'Connection: close', ...headers, '', body].join('\r\n');
}
