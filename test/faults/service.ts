import { once } from 'node:events';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Steps } from '../support/steps';
import { markerOf } from './marker';

/** How the service answers: well, late, in part and then no more, not at all, by hanging up. */
export type ServiceBehaviour = 'answers' | 'slow' | 'crashes' | 'hangs' | 'hangs_up';

export interface ServiceCall {
  readonly marker: string;
  readonly step: number;
  /** Step in which the whole answer had been handed to the network, if it was. */
  answered?: number;
}

/** Header and body of every answer that the service gives itself. */
export const SERVICE_HEADER = 'x-served-by';
const BODY = Buffer.alloc(2_000, 'tea ');

const SLOW_MS = 80;

/** A service that keeps a journal and behaves as it is told. */
export class Service {
  readonly calls: ServiceCall[] = [];
  url = '';
  behave: (call: ServiceCall) => ServiceBehaviour | Promise<ServiceBehaviour> = () => 'answers';
  private readonly server = http.createServer({ keepAliveTimeout: 60_000 }, (request, response) => {
    request.resume();
    void this.serve(request, response);
  });

  constructor(private readonly steps: Steps) {}

  async start(): Promise<void> {
    this.server.listen(0, '127.0.0.1');
    await once(this.server, 'listening');
    this.url = `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  stop(): void {
    this.server.close();
    this.server.closeAllConnections();
  }

  private async serve(request: http.IncomingMessage, response: http.ServerResponse): Promise<void> {
    response.on('error', () => undefined);
    const call: ServiceCall = { marker: markerOf(request.url ?? ''), step: this.steps.next() };
    this.calls.push(call);
    const behaviour = await this.behave(call);
    switch (behaviour) {
      case 'hangs':
        return;
      case 'hangs_up':
        return void request.socket.resetAndDestroy();
      case 'crashes':
        response.writeHead(200, { [SERVICE_HEADER]: 'service', 'Content-Length': BODY.length });
        response.write(BODY.subarray(0, BODY.length / 2), () => request.socket.resetAndDestroy());
        return;
      case 'slow':
        await sleep(SLOW_MS);
        break;
      case 'answers':
        break;
    }
    response.writeHead(200, { [SERVICE_HEADER]: 'service', 'Content-Length': BODY.length });
    response.end(BODY);
    call.answered = this.steps.next();
  }
}
