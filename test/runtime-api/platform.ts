import { once } from 'node:events';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { json } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Journal } from './journal';
import { Response } from './response';

export interface PlatformOptions {
  /** Status with which registrations of extensions are refused. Default: they are taken. */
  readonly refuseExtensions?: number;
}

/** Between freeze and next invocation: what was sent before the freeze arrives, and is not taken for what came after. */
const SETTLE_MS = 25;
const NEXT = 'GET /2018-06-01/runtime/invocation/next';
const EXTENSION = '/2020-01-01/extension';

/**
 * Lambda as the tests know it, written for them and sharing nothing with the local pipeline: Runtime API and Extensions
 * API of one environment, which is frozen (SIGSTOP) the moment that the runtime and every extension wait for their next
 * event, and goes on (SIGCONT) with the next invocation.
 *
 * @see https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtime-environment.html
 */
export class Platform {
  private readonly server = http.createServer((request, response) => void this.serve(request, response));
  private readonly extensions = new Map<string, http.ServerResponse | undefined>();
  private runtime: http.ServerResponse | undefined;
  private current: { readonly id: string; readonly answer: (response: Response) => void } | undefined;
  private invocations = 0;
  private onFrozen: (() => void)[] = [];
  /** The environment's process; set before it calls. */
  pid = 0;

  private constructor(
    private readonly journal: Journal,
    private readonly options: PlatformOptions,
  ) {
    this.server.requestTimeout = 0;
    this.server.keepAliveTimeout = 0;
  }

  static async start(journal: Journal, options: PlatformOptions = {}): Promise<Platform> {
    const platform = new Platform(journal, options);
    platform.server.listen(0, '127.0.0.1');
    await once(platform.server, 'listening');
    return platform;
  }

  /** As in AWS_LAMBDA_RUNTIME_API. */
  get address(): string {
    return `127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  get frozen(): boolean {
    return this.runtime !== undefined && [...this.extensions.values()].every((waiting) => waiting !== undefined);
  }

  /** Resolves when the environment is frozen. */
  async idle(): Promise<void> {
    if (!this.frozen) await new Promise<void>((resolve) => this.onFrozen.push(resolve));
  }

  /** Runs one invocation, from frozen to answered. @returns its id, and the body of its response or error */
  async invoke(event: object, timeoutMs?: number): Promise<{ readonly id: string; readonly answer: string }> {
    const { id, response } = await this.begin(event, timeoutMs);
    const answer = await response;
    await answer.over;
    return { id, answer: answer.bytes.toString() };
  }

  /**
   * Begins an invocation, from frozen.
   *
   * @param timeoutMs the function's time limit
   * @returns its id (`invocation-1` and so on), and its response or error, which is there from its first byte on
   */
  async begin(
    event: object,
    timeoutMs = 30_000,
  ): Promise<{ readonly id: string; readonly response: Promise<Response> }> {
    await this.idle();
    await sleep(SETTLE_MS);
    const id = `invocation-${(this.invocations += 1)}`;
    const deadlineMs = String(Date.now() + timeoutMs);
    const response = new Promise<Response>((resolve) => (this.current = { id, answer: resolve }));
    this.journal.running = id;
    this.thaw();
    this.journal.add('invoke', id);
    const waiting = [...this.extensions];
    for (const [extension, next] of waiting) {
      this.extensions.set(extension, undefined);
      next?.end(JSON.stringify({ eventType: 'INVOKE', deadlineMs: Number(deadlineMs), requestId: id }));
    }
    const { runtime } = this;
    this.runtime = undefined;
    runtime?.writeHead(200, {
      'Content-Type': 'application/json',
      'Lambda-Runtime-Aws-Request-Id': id,
      'Lambda-Runtime-Deadline-Ms': deadlineMs,
      'Lambda-Runtime-Invoked-Function-Arn': 'arn:aws:lambda:us-east-1:123456789012:function:audit-proxy',
    });
    runtime?.end(JSON.stringify(event));
    return { id, response };
  }

  /** Lets a frozen environment go on without an invocation, as for its shutdown. */
  thaw(): void {
    process.kill(this.pid, 'SIGCONT');
  }

  stop(): void {
    this.server.close();
    this.server.closeAllConnections();
  }

  private async serve(request: http.IncomingMessage, response: http.ServerResponse): Promise<void> {
    const route = `${request.method} ${request.url}`;
    if (route === NEXT) {
      this.runtime = response;
      this.journal.add('runtime next', this.current?.id);
      this.freezeIfIdle();
    } else if (route === `POST ${EXTENSION}/register`) {
      this.register((await json(request)) as { events: string[] }, response);
    } else if (route === `GET ${EXTENSION}/event/next`) {
      this.extensions.set(String(request.headers['lambda-extension-identifier']), response);
      this.journal.add('extension next', this.current?.id);
      this.freezeIfIdle();
    } else {
      const [, id, kind] = /\/invocation\/([^/]+)\/(response|error)$/.exec(request.url ?? '') ?? [];
      this.journal.add(kind ?? route, id);
      const answer = new Response(request);
      if (id !== undefined && id === this.current?.id) this.current.answer(answer);
      // Before it is told to be taken: the next thing that the function does comes after it.
      request.on('end', () => {
        this.journal.add(`${kind} ended`, id);
        response.writeHead(202).end('{"status":"OK"}');
      });
    }
  }

  private register({ events }: { events: string[] }, response: http.ServerResponse): void {
    const { refuseExtensions } = this.options;
    this.journal.add(`register ${events.join(' ')}`);
    if (refuseExtensions !== undefined) {
      response.writeHead(refuseExtensions).end('{"errorType":"Extension.RegistrationRefused"}');
      return;
    }
    const id = `extension-${this.extensions.size + 1}`;
    this.extensions.set(id, undefined);
    response.writeHead(200, { 'Lambda-Extension-Identifier': id }).end('{"functionName":"audit-proxy"}');
  }

  private freezeIfIdle(): void {
    if (!this.frozen) return;
    process.kill(this.pid, 'SIGSTOP');
    this.journal.add('frozen', this.current?.id);
    this.journal.running = undefined;
    for (const resolve of this.onFrozen.splice(0)) resolve();
  }
}
