import { once } from 'node:events';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { setImmediate, setTimeout as sleep } from 'node:timers/promises';
import type { Phase } from '../../lib/event/vocabulary';
import type { Journal } from './journal';

/** What the sinks look at in an event. */
export interface SinkEvent {
  readonly metadata: { readonly uid: string; readonly sequence: number };
  readonly unmapped: { readonly phase: Phase; readonly invocation_uid?: string };
}

/** How a sink meets one put: it acknowledges after so many milliseconds (Infinity: never), or answers an error. */
export type Meets = { readonly afterMs: number } | { readonly status: number };
export const AT_ONCE: Meets = { afterMs: 0 };
export const NEVER: Meets = { afterMs: Infinity };
export const UNAVAILABLE: Meets = { status: 503 };

export type SinkName = 'stream' | 'bucket';

/**
 * A delivery stream and a bucket that do to each put what a test says. The journal has `put <phase>` when one came
 * (`object <phase>` in the bucket), and `ack <phase>` (`stored <phase>`) when it was acknowledged.
 */
export class Sinks {
  private readonly server = http.createServer((request, response) => void this.serve(request, response));
  /** Uids of the events that were acknowledged. */
  readonly durable = new Set<string>();
  readonly events: SinkEvent[] = [];
  meets: (event: SinkEvent, sink: SinkName) => Meets = () => AT_ONCE;

  private constructor(private readonly journal: Journal) {
    this.server.keepAliveTimeout = 0;
  }

  static async start(journal: Journal): Promise<Sinks> {
    const sinks = new Sinks(journal);
    sinks.server.listen(0, '127.0.0.1');
    await once(sinks.server, 'listening');
    return sinks;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  stop(): void {
    this.server.close();
    this.server.closeAllConnections();
  }

  private async serve(request: http.IncomingMessage, response: http.ServerResponse): Promise<void> {
    // Who gives up in the middle of a request has put nothing.
    const body = await text(request).catch(() => undefined);
    if (body === undefined) return;
    // Of two connections that have data at once, the kernel may show the later one first.
    await setImmediate();
    const sink = request.method === 'PUT' ? 'bucket' : 'stream';
    const event = sink === 'bucket' ? (JSON.parse(body) as SinkEvent) : eventOf(body);
    const { phase, invocation_uid: invocation } = event.unmapped;
    this.journal.add(`${sink === 'bucket' ? 'object' : 'put'} ${phase}`, invocation);
    this.events.push(event);

    const meets = this.meets(event, sink);
    if ('status' in meets) {
      response.writeHead(meets.status).end('{"__type":"ServiceUnavailableException","message":"Slow down."}');
      return;
    }
    if (meets.afterMs === Infinity) return;
    if (meets.afterMs > 0) await sleep(meets.afterMs);
    if (response.destroyed) return;
    this.durable.add(event.metadata.uid);
    this.journal.add(`${sink === 'bucket' ? 'stored' : 'ack'} ${phase}`, invocation);
    response.end(sink === 'bucket' ? '' : '{"RecordId":"record","Encrypted":false}');
  }
}

function eventOf(putRecord: string): SinkEvent {
  const { Record } = JSON.parse(putRecord) as { Record: { Data: string } };
  return JSON.parse(Buffer.from(Record.Data, 'base64').toString()) as SinkEvent;
}
