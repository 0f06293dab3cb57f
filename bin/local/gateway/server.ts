import http from 'node:http';
import type net from 'node:net';
import { once } from 'node:events';
import type { LocalCaller } from '../../config/config';
import { BadRequest, MalformedAnswer, type Answer, type Api, type Refusal } from './api';
import { callerOf } from './callers';
import type { Header, RequestIds } from './client-request';
import { FunctionError, type Functions } from './functions';
import { MAX_FUNCTION_PAYLOAD_BYTES, MAX_HEADER_BYTES } from './limits';
import { Connections } from './connections';
import { checkDeclaredLength, ClientGone, headerLines, readBody, Refused, splitTarget } from './read-request';
import { checkHeaders, rawAnswer, writeAnswer } from './write-answer';

export interface GatewayOptions {
  /** `restApi` or `httpApi`. */
  readonly api: Api;
  readonly functions: Functions;
  /** Known callers by bearer token. */
  readonly callers: Readonly<Record<string, LocalCaller>>;
  /** Port on 127.0.0.1; 0 takes a free one. */
  readonly port: number;
  /**
   * How long a client waits for the function, in milliseconds.
   *
   * @default that of the kind of API
   */
  readonly timeoutMs?: number;
}

export interface Gateway {
  readonly port: number;
  /** `http://127.0.0.1:<port>` */
  readonly url: string;
  /** Takes no more requests and resolves once those under way are answered. */
  stop(): Promise<void>;
}

/** How long clients that are still sending may go on once the gateway stops, in milliseconds. */
const UPLOAD_GRACE_MS = 2_000;

/**
 * API Gateway on one machine: turns HTTP requests into the function's events and its answers into HTTP.
 *
 * @throws Error with code EADDRINUSE or EACCES if the port cannot be had.
 */
export async function startGateway(options: GatewayOptions): Promise<Gateway> {
  const gateway = new GatewayServer(options);
  await gateway.listen();
  return gateway;
}

class GatewayServer implements Gateway {
  port = 0;
  url = '';
  private stopping = false;
  private readonly server = http.createServer({
    // Ours is counted after parsing; this one only bounds the parser.
    maxHeaderSize: 64 * 1024,
    // Refused by us, with the gateway's own answer.
    requireHostHeader: false,
    keepAliveTimeout: 60_000,
  });
  private readonly connections = new Connections(this.server);

  constructor(private readonly options: GatewayOptions) {
    this.server.on('request', (request, response) => void this.serve(request, response));
    this.server.on('checkContinue', (request, response) => void this.serve(request, response));
    this.server.on('connect', (_request, socket) => socket.end(rawAnswer(this.refuse('unsupported_method'))));
    this.server.on('clientError', (error: NodeJS.ErrnoException, socket) => {
      // On a connection that is being answered, other bytes would be taken as part of that answer.
      if (!socket.writable || error.code === 'ECONNRESET' || this.connections.isBusy(socket)) socket.destroy();
      else socket.end(rawAnswer(this.refuse(refusalOf(error))));
    });
  }

  async listen(): Promise<void> {
    this.server.listen(this.options.port, '127.0.0.1');
    await once(this.server, 'listening');
    this.port = (this.server.address() as net.AddressInfo).port;
    this.url = `http://127.0.0.1:${this.port}`;
  }

  async stop(): Promise<void> {
    this.stopping = true;
    const closed = once(this.server, 'close');
    this.server.close();
    this.connections.closeIdle();
    const impatience = setTimeout(() => this.connections.closeUnfinished(), UPLOAD_GRACE_MS);
    await closed;
    clearTimeout(impatience);
  }

  private async serve(request: http.IncomingMessage, response: http.ServerResponse): Promise<void> {
    this.connections.begin(response);
    response.on('error', () => response.destroy());

    const headers = headerLines(request);
    const ids = this.options.api.ids(headers);
    const answer = await this.answerTo(request, response, headers, ids).catch((error: unknown) => {
      if (error instanceof ClientGone) return undefined;
      throw error;
    });
    if (answer === undefined || response.destroyed) return;
    // A client whose body was refused by withholding "100 Continue" may or may not send it: no request can follow.
    const unread = request.headers.expect !== undefined && !request.complete;
    const connection: Header[] = this.stopping || unread ? [['Connection', 'close']] : [];
    writeAnswer(response, answer, [...this.options.api.idHeaders(ids), ...connection]);
  }

  /** @throws ClientGone */
  private async answerTo(
    request: http.IncomingMessage,
    response: http.ServerResponse,
    headers: readonly Header[],
    ids: RequestIds,
  ): Promise<Answer> {
    try {
      return await this.exchange(request, response, headers, ids);
    } catch (error) {
      if (error instanceof BadRequest) return this.refuse('bad_request');
      if (error instanceof Refused || error instanceof MalformedAnswer) return this.refuse(error.refusal);
      if (error instanceof ClientGone) throw error;
      if (!(error instanceof FunctionError)) console.error('gateway:', error);
      return this.refuse('function_failed');
    }
  }

  private async exchange(
    request: http.IncomingMessage,
    response: http.ServerResponse,
    headers: readonly Header[],
    ids: RequestIds,
  ): Promise<Answer> {
    const { api, callers } = this.options;
    const time = Date.now();
    const method = request.method ?? '';
    const { path, query } = splitTarget(request.url ?? '');
    const protocol = `HTTP/${request.httpVersion}`;
    if (headers.filter(([name]) => name.toLowerCase() === 'host').length !== 1) {
      throw new BadRequest('there must be one Host header');
    }
    if (!api.methods.has(method)) throw new Refused('unsupported_method');
    if (api.headBytes(`${method} ${request.url} ${protocol}`, headers) > MAX_HEADER_BYTES) {
      throw new Refused('headers_too_large');
    }
    checkDeclaredLength(request);
    if (request.headers.expect !== undefined) response.writeContinue();

    const event = api.event({
      method,
      path,
      query,
      protocol,
      headers,
      body: await readBody(request),
      sourceIp: (request.socket.remoteAddress ?? '').replace(/^::ffff:/, ''),
      port: this.port,
      time,
      ids,
      caller: callerOf(callers, headers),
    });
    const answer = api.answer(await this.invoke(JSON.stringify(event)));
    checkHeaders(answer.headers);
    return answer;
  }

  /** Runs the function under the API's time limit. A client that goes away changes nothing: its request arrived. */
  private async invoke(event: string): Promise<string> {
    if (Buffer.byteLength(event) > MAX_FUNCTION_PAYLOAD_BYTES) throw new Refused('body_too_large');
    const givenUp = new AbortController();
    let timer: NodeJS.Timeout | undefined;
    const tooSlow = new Promise<never>((_resolve, reject) => {
      timer = setTimeout(() => {
        givenUp.abort();
        reject(new Refused('function_too_slow'));
      }, this.options.timeoutMs ?? this.options.api.timeoutMs);
    });
    try {
      return await Promise.race([this.options.functions.invoke(event, givenUp.signal), tooSlow]);
    } finally {
      clearTimeout(timer);
    }
  }

  private refuse(refusal: Refusal): Answer {
    return this.options.api.refuse(refusal);
  }
}

function refusalOf(error: NodeJS.ErrnoException): Refusal {
  return error.code === 'HPE_HEADER_OVERFLOW' ? 'headers_too_large' : 'bad_request';
}
