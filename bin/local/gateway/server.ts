import http from 'node:http';
import type net from 'node:net';
import { once, setMaxListeners } from 'node:events';
import type { Duplex } from 'node:stream';
import { gatewayResourceOf, type GatewayResource } from '../../../lib/routing/gateway-resources';
import type { LocalCaller } from '../../config/config';
import { BadRequest, MalformedAnswer, type Answer, type Api, type Refusal, type StageVariables } from './api';
import { callFunction } from './call-function';
import { callerOf } from './callers';
import type { Header } from './client-request';
import { Connections } from './connections';
import { EdgeEntry, ROOT, type EdgeAnswer, type Integration } from './edge-entry';
import type { EdgeLog } from './edge-log';
import { FunctionError, type Functions, type StreamingFunctions } from './functions';
import { checkDeclaredLength, ClientGone, headerLines, readBody, Refused, splitTarget, waitsForContinue } from './read-request'; // prettier-ignore
import { streamFunction } from './stream-function';
import { checkHeaders, endWith, rawAnswer, writeAnswer } from './write-answer';

export interface GatewayOptions {
  /** `restApi` or `httpApi`. */
  readonly api: Api;
  readonly functions: Functions;
  /**
   * The function for answers that are streamed, and the resources of the API, which say where that is.
   *
   * @default no answer is streamed
   */
  readonly streaming?: { readonly functions: StreamingFunctions; readonly resources: readonly GatewayResource[] };
  /** Known callers by bearer token. */
  readonly callers: Readonly<Record<string, LocalCaller>>;
  /**
   * Variables of the API's stage.
   *
   * @default none
   */
  readonly stageVariables?: StageVariables;
  /** Port on 127.0.0.1; 0 takes a free one. */
  readonly port: number;
  /**
   * Gets one record of every request that arrives, whatever becomes of it.
   *
   * @default none is kept
   */
  readonly edgeLog?: EdgeLog;
  /**
   * How long a client waits for the function, and for the end of an answer that is streamed, in milliseconds.
   *
   * @default those of the kind of API
   */
  readonly timeoutMs?: number;
}

export interface Gateway {
  readonly port: number;
  /** `http://127.0.0.1:<port>` */
  readonly url: string;
  /**
   * Takes no more requests and resolves once those under way are answered and in the edge log. Answers that are being streamed
   * have two seconds to come to their end, then they are broken off.
   */
  stop(): Promise<void>;
}

/** What a request is answered with; the refusal, if it is the gateway's own answer. */
interface Reply {
  readonly answer: Answer;
  readonly refusal?: Refusal;
}

/** The same of an answer that is out already, as it was made. */
interface Streamed {
  readonly streamed: EdgeAnswer;
}

/** How long clients that are still sending, and answers that are being streamed, may go on once the gateway stops, in milliseconds. */
const STOP_GRACE_MS = 2_000;

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
  /** Requests that are not in the edge log yet; their connections may be gone. */
  private readonly underWay = new Set<Promise<void>>();
  /** Aborted when answers that are being streamed must end. */
  private readonly cut = new AbortController();

  constructor(private readonly options: GatewayOptions) {
    setMaxListeners(0, this.cut.signal);
    // Node drops headers beyond a thousand and does not tell; the parser's limit in bytes bounds them.
    this.server.maxHeadersCount = 0;
    this.server.on('request', (request, response) => this.begin(request, response));
    this.server.on('checkContinue', (request, response) => this.begin(request, response));
    // Node would answer 417 by itself, and the edge log would not know.
    this.server.on('checkExpectation', (request, response) => this.begin(request, response));
    this.server.on('connect', (request, socket) => {
      this.answerRaw(socket, this.entryOf(request, headerLines(request)), 'unsupported_method');
    });
    this.server.on('clientError', (error: NodeJS.ErrnoException, socket) => {
      // On a connection that is being answered, other bytes would be taken as part of that answer.
      if (!socket.writable || error.code === 'ECONNRESET' || this.connections.isBusy(socket)) {
        socket.destroy();
        return;
      }
      const { accessLog, ids } = this.options.api;
      const entry = EdgeEntry.ofGarbage(accessLog, socket as net.Socket, ids([]), Date.now());
      this.answerRaw(socket, entry, refusalOf(error));
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
    const impatience = setTimeout(() => {
      this.connections.closeUnfinished();
      this.cut.abort();
    }, STOP_GRACE_MS);
    await closed;
    clearTimeout(impatience);
    await Promise.all(this.underWay);
  }

  private begin(request: http.IncomingMessage, response: http.ServerResponse): void {
    this.connections.begin(response);
    response.on('error', () => response.destroy());
    // Whoever reads the body hears of it; of a request that is refused unread nobody does.
    request.on('error', () => undefined);
    const served = this.serve(request, response).finally(() => this.underWay.delete(served));
    this.underWay.add(served);
  }

  private async serve(request: http.IncomingMessage, response: http.ServerResponse): Promise<void> {
    const headers = headerLines(request);
    const entry = this.entryOf(request, headers);
    const reply = await this.replyTo(request, response, headers, entry);
    if ('streamed' in reply) {
      this.log(entry, reply.streamed);
      return;
    }
    const { answer, refusal } = reply;
    this.log(entry, { status: answer.status, bodyLength: answer.body.length, refusal });
    if (!response.destroyed) writeAnswer(response, answer, this.headersOf(entry, request));
  }

  /** The gateway's own, of any answer. */
  private headersOf({ ids }: EdgeEntry, request: http.IncomingMessage): Header[] {
    // A client whose body was refused by withholding "100 Continue" may or may not send it: no request can follow.
    const unread = waitsForContinue(request) && !request.complete;
    const connection: Header[] = this.stopping || unread ? [['Connection', 'close']] : [];
    return [...this.options.api.idHeaders(ids), ...connection];
  }

  private async replyTo(
    request: http.IncomingMessage,
    response: http.ServerResponse,
    headers: readonly Header[],
    entry: EdgeEntry,
  ): Promise<Reply | Streamed> {
    try {
      const event = JSON.stringify(await this.eventOf(request, response, headers, entry));
      return await this.exchange(event, response, entry);
    } catch (error) {
      if (error instanceof BadRequest) return this.refuse('bad_request');
      if (error instanceof Refused || error instanceof MalformedAnswer) return this.refuse(error.refusal);
      // Nobody hears the answer, but the edge log tells of the request.
      if (error instanceof ClientGone) return this.refuse('bad_request');
      if (!(error instanceof FunctionError)) console.error('gateway:', error);
      return this.refuse('function_failed');
    }
  }

  /** Reads the request to its end. */
  private async eventOf(
    request: http.IncomingMessage,
    response: http.ServerResponse,
    headers: readonly Header[],
    entry: EdgeEntry,
  ): Promise<object> {
    const { api, callers, stageVariables = {} } = this.options;
    const method = request.method ?? '';
    const { path, query } = splitTarget(request.url ?? '');
    entry.path = path;
    entry.resource = gatewayResourceOf(this.options.streaming?.resources ?? [], path) ?? ROOT;
    const protocol = `HTTP/${request.httpVersion}`;
    const authorizes = Object.keys(callers).length > 0;
    if (headers.filter(([name]) => name.toLowerCase() === 'host').length !== 1) {
      throw new BadRequest('there must be one Host header');
    }
    if (!api.methods.has(method)) throw new Refused('unsupported_method');
    const excess = api.excessOf({ method, target: request.url ?? '', path, protocol, headers, authorizes });
    if (excess !== undefined) throw new Refused(excess);
    checkDeclaredLength(request);
    if (waitsForContinue(request)) response.writeContinue();

    const read = {
      method,
      path,
      resource: entry.resource.path,
      query,
      protocol,
      headers,
      body: await readBody(request),
      sourceIp: entry.sourceIp,
      port: this.port,
      time: entry.time,
      ids: entry.ids,
      caller: callerOf(callers, headers),
    };
    return api.event(read, stageVariables);
  }

  private async exchange(event: string, response: http.ServerResponse, entry: EdgeEntry): Promise<Reply | Streamed> {
    const { api, functions, streaming, timeoutMs } = this.options;
    const onEnd = (integration: Integration) => (entry.integration = integration);
    const call = { event, log: api.accessLog, onEnd };
    this.options.edgeLog?.begin?.(entry.record({ status: undefined, bodyLength: 0 }, Date.now()));
    if (streaming !== undefined && api.streaming !== undefined && entry.resource.streaming) {
      const streamed = await streamFunction({
        ...call,
        functions: streaming.functions,
        api: api.streaming,
        timeoutMs: timeoutMs ?? api.streaming.timeoutMs,
        response,
        more: () => this.headersOf(entry, response.req),
        cut: this.cut.signal,
      });
      return { streamed };
    }
    const text = await callFunction({ ...call, functions, timeoutMs: timeoutMs ?? api.timeoutMs });
    const answer = api.answer(text);
    checkHeaders(answer.headers);
    return { answer };
  }

  private entryOf(request: http.IncomingMessage, headers: readonly Header[]): EdgeEntry {
    const { accessLog, ids } = this.options.api;
    return EdgeEntry.ofRequest(accessLog, request, ids(headers), Date.now());
  }

  private log(entry: EdgeEntry, answer: EdgeAnswer): void {
    this.options.edgeLog?.write(entry.record(answer, Date.now()));
  }

  private answerRaw(socket: Duplex, entry: EdgeEntry, refusal: Refusal): void {
    const { answer } = this.refuse(refusal);
    this.log(entry, { status: answer.status, bodyLength: answer.body.length, refusal });
    endWith(rawAnswer(answer), socket);
  }

  private refuse(refusal: Refusal): Required<Reply> {
    return { answer: this.options.api.refuse(refusal), refusal };
  }
}

function refusalOf(error: NodeJS.ErrnoException): Refusal {
  return error.code === 'HPE_HEADER_OVERFLOW' ? 'headers_too_large' : 'bad_request';
}
