import { once } from 'node:events';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import type { AuditEvent } from '../../lib/event/schema';
import { carriedSignature, expectedSignature, type SignedRequestParts } from './signature-check';
import type { Steps } from './steps';

/**
 * What an endpoint does with one request, other than persisting and acknowledging it.
 *
 * | fault | what happens |
 * | --- | --- |
 * | throttled, error, denied | refused: too many requests, 5xx, wrong credentials |
 * | slow | persisted and acknowledged, late |
 * | hung | never answered |
 * | reset | the connection breaks, nothing is persisted |
 * | reset_after | persisted, then the connection breaks |
 */
export const ENDPOINT_FAULTS = ['throttled', 'error', 'denied', 'slow', 'hung', 'reset', 'reset_after'] as const;
export type EndpointFault = (typeof ENDPOINT_FAULTS)[number];

/** One event on its way into a sink. */
export interface Write {
  /** `firehose:<stream>` or `s3:<bucket>`. */
  readonly sink: string;
  readonly uid: string;
  readonly event: AuditEvent;
  /** The bytes that came, without the line break. */
  readonly line: string;
  /** Key of the object, where it is one. */
  readonly key?: string;
  /** Step in which it had arrived whole. */
  readonly arrived: number;
  /** Step in which it was persisted, if it was. */
  persisted?: number;
  /** Step in which the acknowledgement went out, if it did. */
  acknowledged?: number;
}

/** Where a test takes a hand. Any of them may also kill somebody. */
export interface EndpointHooks {
  /** Whether the connection breaks as soon as the head of a request is there. */
  breaksOff?(): boolean;
  decide?(write: Write): EndpointFault | undefined | Promise<EndpointFault | undefined>;
  /** It is persisted, and not acknowledged yet. */
  persisted?(write: Write): void | Promise<void>;
}

export interface EndpointAnswer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body: string;
}

/** What differs between the endpoints of AWS. */
export interface EndpointProtocol {
  read(request: SignedRequestParts): Pick<Write, 'sink' | 'line' | 'key'>;
  /** @returns the answer, and whether the event is there now that was not before */
  persist(write: Write): { readonly answer: EndpointAnswer; readonly isNew: boolean };
  refuse(fault: 'throttled' | 'error' | 'denied'): EndpointAnswer;
}

/** How late `slow` is, in milliseconds. */
const DEFAULT_SLOW_MS = 800;

/** A server that speaks as an endpoint of AWS does, keeps a journal, and fails as it is told. */
export class FaultyEndpoint {
  hooks: EndpointHooks = {};
  slowMs = DEFAULT_SLOW_MS;
  /** Whatever arrived whole, persisted or not. */
  readonly writes: Write[] = [];
  /** Requests whose signature was not what AWS would expect. */
  readonly wronglySigned: string[] = [];
  url = '';
  private underWay = 0;
  private readonly server = http.createServer({ keepAliveTimeout: 60_000 }, (request, response) => {
    this.underWay += 1;
    void this.serve(request, response).finally(() => (this.underWay -= 1));
  });

  /** @param secret with which requests must be signed */
  constructor(
    private readonly protocol: EndpointProtocol,
    private readonly steps: Steps,
    private readonly secret: string,
  ) {}

  async start(): Promise<void> {
    this.server.listen(0, '127.0.0.1');
    await once(this.server, 'listening');
    this.url = `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  /** Resolves once no request is being worked on; those that hang do not count. */
  async settled(): Promise<void> {
    while (this.underWay > 0) await sleep(5);
  }

  stop(): void {
    this.server.close();
    this.server.closeAllConnections();
  }

  private async serve(request: http.IncomingMessage, response: http.ServerResponse): Promise<void> {
    response.on('error', () => undefined);
    if (this.hooks.breaksOff?.()) return void request.socket.resetAndDestroy();
    const body = await buffer(request).catch(() => undefined);
    if (body === undefined) return;
    const { method = '', url: target = '', headers } = request;
    const write = this.arrival({ method, target, headers, body });
    const fault = await this.hooks.decide?.(write);
    switch (fault) {
      case 'throttled':
      case 'error':
      case 'denied':
        return send(response, this.protocol.refuse(fault));
      case 'hung':
        return;
      case 'reset':
        return void request.socket.resetAndDestroy();
      case 'slow':
        await sleep(this.slowMs);
        break;
      case 'reset_after':
      case undefined:
        break;
    }
    const { answer, isNew } = this.protocol.persist(write);
    if (isNew) write.persisted = this.steps.next();
    await this.hooks.persisted?.(write);
    if (fault === 'reset_after') return void request.socket.resetAndDestroy();
    write.acknowledged = this.steps.next();
    send(response, answer);
  }

  private arrival(request: SignedRequestParts): Write {
    if (carriedSignature(request) !== expectedSignature(request, this.secret)) this.wronglySigned.push(request.target);
    const read = this.protocol.read(request);
    const event = JSON.parse(read.line) as AuditEvent;
    const write: Write = { ...read, event, uid: event.metadata.uid, arrived: this.steps.next() };
    this.writes.push(write);
    return write;
  }
}

function send(response: http.ServerResponse, { status, headers, body }: EndpointAnswer): void {
  response.writeHead(status, { ...headers }).end(body);
}
