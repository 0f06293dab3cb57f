import { closeSync, openSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Functions } from '../../bin/local/gateway/functions';
import { Environment } from '../../bin/local/runtime/environment';
import { functionArn, functionVariables, PROXY_FUNCTION } from '../../bin/local/runtime/function-variables';
import type { Invocation } from '../../bin/local/runtime/invocation';
import { markerOf } from './marker';

const DIST = path.join(__dirname, '..', '..', 'dist');
const BUNDLE = path.join(DIST, 'lambda', 'proxy');
const RUNTIME = path.join(DIST, 'bin', 'local', 'runtime', 'main.js');

export interface EnvironmentsOptions {
  readonly count: number;
  /** Environment variables, by the number of the environment from 0. */
  readonly variables: (index: number) => Readonly<Record<string, string>>;
  /** File that takes what the functions print. */
  readonly logFile: string;
}

interface Waiting {
  readonly marker: string;
  readonly invocation: Invocation;
}

/**
 * The real function in real processes, as a pool of the local runtime runs them; but it is known which process serves
 * which request, so that a test can kill it. One that died is started anew.
 */
export class Environments implements Functions {
  /** Called before the invocation is handed over. */
  beforeInvocation: (marker: string) => void = () => undefined;
  /** Called when the function's answer is there, before it goes to the caller. */
  afterAnswer: (marker: string) => void = () => undefined;
  /** Markers of the requests that were handed to a function. */
  readonly invoked = new Set<string>();
  private readonly log: number;
  private readonly environments = new Set<Environment>();
  private readonly serving = new Map<string, Environment>();
  private readonly waiting: Waiting[] = [];
  private stopped: Promise<void> | undefined;

  private constructor(private readonly options: EnvironmentsOptions) {
    this.log = openSync(options.logFile, 'a+');
  }

  /** Resolves when all wait for work. */
  static async start(options: EnvironmentsOptions): Promise<Environments> {
    const environments = new Environments(options);
    await Promise.all(Array.from({ length: options.count }, (_, index) => environments.startOne(index)));
    await environments.settled();
    return environments;
  }

  invoke(event: string, _givenUp: AbortSignal, requestId: string): Promise<string> {
    const { path: v1, rawPath: v2 } = JSON.parse(event) as { path?: string; rawPath?: string };
    const marker = markerOf(v1 ?? v2 ?? '');
    return new Promise((resolve, reject) => {
      const answered = (answer: string): void => {
        this.afterAnswer(marker);
        resolve(answer);
      };
      this.waiting.push({ marker, invocation: { id: requestId, event, resolve: answered, reject } });
      this.dispatch();
    });
  }

  /** Ends the process that serves a request, at once. */
  kill(marker: string): void {
    this.signal(marker, 'SIGKILL');
  }

  /** Stops the process that serves a request; what is sent to it stays in the network's buffers. */
  freeze(marker: string): void {
    this.signal(marker, 'SIGSTOP');
  }

  /** Resolves once every environment waits for work: work after the response is done too. */
  async settled(): Promise<void> {
    while (this.waiting.length > 0 || [...this.environments].some(({ idle }) => !idle)) await sleep(5);
  }

  /** Lets each environment write its closing event. */
  stop(): Promise<void> {
    this.stopped ??= this.stopAll();
    return this.stopped;
  }

  private async stopAll(): Promise<void> {
    await Promise.all([...this.environments].map((environment) => environment.stop()));
    closeSync(this.log);
  }

  private async startOne(index: number): Promise<void> {
    const environment: Environment = new Environment({
      runtimeFile: RUNTIME,
      functionArn: functionArn(PROXY_FUNCTION),
      variables: { ...functionVariables(BUNDLE, PROXY_FUNCTION), ...this.options.variables(index) },
      log: this.log,
      timeoutMs: 30_000,
      onUnlogged: () => undefined,
      onIdle: () => this.dispatch(),
      onExit: () => {
        this.environments.delete(environment);
        if (this.stopped === undefined) void this.startOne(index);
      },
    });
    this.environments.add(environment);
    await environment.start();
  }

  private dispatch(): void {
    for (const environment of this.environments) {
      if (!environment.idle) continue;
      const next = this.waiting.shift();
      if (next === undefined) return;
      this.serving.set(next.marker, environment);
      this.invoked.add(next.marker);
      this.beforeInvocation(next.marker);
      environment.invoke(next.invocation);
    }
  }

  private signal(marker: string, name: 'SIGKILL' | 'SIGSTOP'): void {
    const environment = this.serving.get(marker);
    // The id of a process that is gone may be another's by now.
    if (environment?.pid === undefined || !this.environments.has(environment)) return;
    process.kill(environment.pid, name);
  }
}
