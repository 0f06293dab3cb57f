import http from 'node:http';
import type net from 'node:net';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import type { Readable } from 'node:stream';
import { MAX_FUNCTION_PAYLOAD_BYTES } from '../gateway/limits';
import type { ReportedError } from './invocation';
import { streamedBody } from './streamed-body';

/** What an environment wants to know of the processes in it. */
export interface RuntimeApiListener {
  /** The runtime and every extension wait for the next invocation: so everything of the last one is done. */
  onIdle(): void;
  onAnswer(invocationId: string, answer: string): void;
  /** An answer begins that comes as it is made; to be read or destroyed. */
  onStream(invocationId: string, body: Readable): void;
  onError(invocationId: string, error: ReportedError): void;
  onInitError(error: ReportedError): void;
}

interface Extension {
  readonly name: string;
  /** Its unanswered `next`, while it waits for an event. */
  waiting: http.ServerResponse | undefined;
}

/**
 * Lambda's Runtime API and Extensions API for one environment. An environment takes its next invocation only when the
 * runtime and all registered extensions have asked for it: that is how work after the response is held inside of the
 * invocation.
 *
 * @see https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html
 * @see https://docs.aws.amazon.com/lambda/latest/dg/runtimes-extensions-api.html
 */
export class RuntimeApi {
  private readonly server = http.createServer((request, response) => {
    void this.serve(request, response).catch(() => response.destroy());
  });
  private readonly extensions = new Map<string, Extension>();
  private runtimeWaiting: http.ServerResponse | undefined;
  private current: string | undefined;

  constructor(
    private readonly functionArn: string,
    private readonly listener: RuntimeApiListener,
  ) {
    // A runtime waits for its next invocation for hours.
    this.server.requestTimeout = 0;
    // One that streams opens its connection at once, and sends nothing on it until the handler writes.
    this.server.headersTimeout = 0;
    this.server.keepAliveTimeout = 0;
  }

  /** @returns `host:port`, as in AWS_LAMBDA_RUNTIME_API. */
  async listen(): Promise<string> {
    this.server.listen(0, '127.0.0.1');
    await once(this.server, 'listening');
    return `127.0.0.1:${(this.server.address() as net.AddressInfo).port}`;
  }

  close(): void {
    this.server.close();
    this.server.closeAllConnections();
  }

  /** Hands an invocation to the runtime and to every extension. Only when idle. */
  invoke(id: string, event: string, deadlineMs: number): void {
    const runtime = this.runtimeWaiting;
    if (runtime === undefined) throw new Error('the environment is not idle');
    this.runtimeWaiting = undefined;
    this.current = id;
    for (const extension of this.extensions.values()) {
      const waiting = extension.waiting;
      extension.waiting = undefined;
      sendJson(waiting, 200, {
        eventType: 'INVOKE',
        deadlineMs,
        requestId: id,
        invokedFunctionArn: this.functionArn,
      });
    }
    runtime.writeHead(200, {
      'Content-Type': 'application/json',
      'Lambda-Runtime-Aws-Request-Id': id,
      'Lambda-Runtime-Deadline-Ms': String(deadlineMs),
      'Lambda-Runtime-Invoked-Function-Arn': this.functionArn,
    });
    runtime.end(event);
  }

  private async serve(request: http.IncomingMessage, response: http.ServerResponse): Promise<void> {
    const path = request.url ?? '';
    const route = `${request.method} ${path}`;
    if (route === 'GET /2018-06-01/runtime/invocation/next') {
      this.runtimeWaiting = response;
      this.reportIdle();
    } else if (route === 'POST /2018-06-01/runtime/init/error') {
      this.listener.onInitError(parseError(await readText(request)));
      sendJson(response, 202, { status: 'OK' });
    } else if (route === 'POST /2020-01-01/extension/register') {
      this.register(request, await readText(request), response);
    } else if (route === 'GET /2020-01-01/extension/event/next') {
      this.extensionNext(request, response);
    } else {
      await this.invocationResult(request, path, response);
    }
  }

  /** `POST /2018-06-01/runtime/invocation/{id}/response` and `…/error` */
  private async invocationResult(
    request: http.IncomingMessage,
    path: string,
    response: http.ServerResponse,
  ): Promise<void> {
    const [, id, kind] = /^\/2018-06-01\/runtime\/invocation\/([\w-]+)\/(response|error)$/.exec(path) ?? [];
    if (id === undefined || request.method !== 'POST') {
      sendJson(response, 404, { errorType: 'NotFound', errorMessage: `no such resource: ${path}` });
      return;
    }
    if (kind === 'response' && header(request, 'lambda-runtime-function-response-mode') === 'streaming') {
      this.invocationStream(request, id, response);
      return;
    }
    const text = await readText(request);
    if (!this.isCurrent(id, response)) return;
    this.current = undefined;
    if (kind === 'error') {
      this.listener.onError(id, parseError(text));
    } else if (Buffer.byteLength(text) > MAX_FUNCTION_PAYLOAD_BYTES) {
      const errorType = 'Function.ResponseSizeTooLarge';
      const errorMessage = `Response payload size exceeded maximum allowed payload size (${MAX_FUNCTION_PAYLOAD_BYTES} bytes).`;
      this.listener.onError(id, { errorType, errorMessage });
      sendJson(response, 413, { errorType: 'RequestEntityTooLarge', errorMessage });
      return;
    } else {
      this.listener.onAnswer(id, text);
    }
    sendJson(response, 202, { status: 'OK' });
  }

  private invocationStream(request: http.IncomingMessage, id: string, response: http.ServerResponse): void {
    if (!this.isCurrent(id, response)) return;
    this.current = undefined;
    request.on('end', () => sendJson(response, 202, { status: 'OK' }));
    this.listener.onStream(id, streamedBody(request));
  }

  private isCurrent(id: string, response: http.ServerResponse): boolean {
    if (id === this.current) return true;
    sendJson(response, 400, { errorType: 'InvalidRequestID', errorMessage: 'Invalid request ID' });
    return false;
  }

  private register(request: http.IncomingMessage, text: string, response: http.ServerResponse): void {
    const name = header(request, 'lambda-extension-name');
    const { events } = parseObject(text);
    // Internal extensions may register for INVOKE only; SHUTDOWN is for external ones.
    if (name === undefined || !Array.isArray(events) || events.some((event) => event !== 'INVOKE')) {
      sendJson(response, 400, {
        errorType: 'InvalidExtension',
        errorMessage: 'a name and events ["INVOKE"] are needed',
      });
      return;
    }
    if (this.runtimeWaiting !== undefined || this.current !== undefined) {
      sendJson(response, 403, { errorType: 'Extension.RegistrationClosed', errorMessage: 'the init phase is over' });
      return;
    }
    const id = randomUUID();
    this.extensions.set(id, { name, waiting: undefined });
    response.setHeader('Lambda-Extension-Identifier', id);
    sendJson(response, 200, {
      functionName: this.functionArn.split(':').at(-1),
      functionVersion: '$LATEST',
      handler: '',
    });
  }

  private extensionNext(request: http.IncomingMessage, response: http.ServerResponse): void {
    const extension = this.extensions.get(header(request, 'lambda-extension-identifier') ?? '');
    if (extension === undefined) {
      sendJson(response, 403, { errorType: 'Extension.UnknownExtensionIdentifier', errorMessage: 'not registered' });
      return;
    }
    extension.waiting = response;
    this.reportIdle();
  }

  private reportIdle(): void {
    if (this.runtimeWaiting === undefined) return;
    if ([...this.extensions.values()].some((extension) => extension.waiting === undefined)) return;
    this.listener.onIdle();
  }
}

function header(request: http.IncomingMessage, name: string): string | undefined {
  const value = request.headers[name];
  return Array.isArray(value) ? value[0] : value;
}

async function readText(request: http.IncomingMessage): Promise<string> {
  const parts: Buffer[] = [];
  for await (const part of request) parts.push(part as Buffer);
  return Buffer.concat(parts).toString('utf8');
}

function sendJson(response: http.ServerResponse | undefined, status: number, body: object): void {
  response?.writeHead(status, { 'Content-Type': 'application/json' });
  response?.end(JSON.stringify(body));
}

function parseObject(text: string): Readonly<Record<string, unknown>> {
  try {
    return Object(JSON.parse(text)) as Record<string, unknown>;
  } catch {
    return {};
  }
}

function parseError(text: string): ReportedError {
  const { errorType, errorMessage } = parseObject(text);
  return {
    errorType: typeof errorType === 'string' ? errorType : 'Unknown',
    errorMessage: typeof errorMessage === 'string' ? errorMessage : text,
  };
}
