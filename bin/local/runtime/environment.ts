import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import type { Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { FunctionError } from '../gateway/functions';
import type { Invocation, ReportedError } from './invocation';
import type { Unlogged } from './output';
import { RuntimeApi, type RuntimeApiListener } from './runtime-api';

export interface EnvironmentOptions {
  /** Program that runs the function: the bundled `bin/local/runtime/main.ts`. */
  readonly runtimeFile: string;
  readonly functionArn: string;
  /** Environment variables of the function; it sees no others, and AWS_LAMBDA_RUNTIME_API. */
  readonly variables: Readonly<Record<string, string>>;
  /** File descriptor, opened with `a+`, that takes what the function prints. */
  readonly log: number;
  /** The function's time limit, work after the response included, in milliseconds. */
  readonly timeoutMs: number;
  /** Takes a line of the last resort that the log did not take. */
  readonly onUnlogged: (line: string) => void;
  readonly onIdle: (environment: Environment) => void;
  /** The process is gone; an invocation that was under way has been rejected. */
  readonly onExit: (environment: Environment) => void;
}

/** How long a process that was told to stop has until it is killed. Lambda gives 500 ms; a loaded laptop needs more. */
const STOP_GRACE_MS = 2_000;

/** How long a process that is to be stopped may go on with what is under way: long enough for any answer that is not streamed. */
const FINISH_LIMIT_MS = 30_000;

/** One function environment: a process that runs one invocation at a time, and the Runtime API that feeds it. */
export class Environment implements RuntimeApiListener {
  private readonly api: RuntimeApi;
  private process: ChildProcess | undefined;
  private invocation: Invocation | undefined;
  /** The answer that is being streamed, or was the last. */
  private body: Readable | undefined;
  private timer: NodeJS.Timeout | undefined;
  /** Whether the runtime and all extensions wait for work. */
  idle = false;
  /** Whether the process has become idle once, i.e. its init phase went well. */
  initialized = false;
  /** Why it is gone, or about to be. */
  failure: ReportedError | undefined;
  private gone = false;

  constructor(private readonly options: EnvironmentOptions) {
    this.api = new RuntimeApi(options.functionArn, this);
  }

  get pid(): number | undefined {
    return this.process?.pid;
  }

  async start(): Promise<void> {
    const address = await this.api.listen();
    if (this.gone) {
      this.api.close();
      return;
    }
    const { runtimeFile, variables, log } = this.options;
    // The log is written by the process itself: what it printed is there even if this process is killed.
    // The channel tells it when this process is gone.
    this.process = spawn(process.execPath, [runtimeFile], {
      env: { ...variables, AWS_LAMBDA_RUNTIME_API: address },
      stdio: ['ignore', log, log, 'ipc', 2],
    });
    this.process.on('message', ({ unlogged }: Unlogged) => this.options.onUnlogged(unlogged));
    this.process.once('error', (error) => this.exited(error.message));
    this.process.once('exit', (code, signal) => {
      this.exited(signal === null ? `the process ended with exit code ${code}` : `the process was ended by ${signal}`);
    });
  }

  /** Only when idle. */
  invoke(invocation: Invocation): void {
    const { timeoutMs } = this.options;
    this.idle = false;
    this.invocation = invocation;
    this.timer = setTimeout(() => {
      this.fail({ errorType: 'Sandbox.Timedout', errorMessage: `Task timed out after ${timeoutMs / 1000} seconds` });
    }, timeoutMs);
    this.api.invoke(invocation.id, invocation.event, Date.now() + timeoutMs);
    const { dropped } = invocation;
    dropped?.addEventListener('abort', () => this.drop(invocation), { once: true });
    if (dropped?.aborted) this.drop(invocation);
  }

  /** Lets what is under way come to its end, work after the response too; then SIGTERM, and SIGKILL when that is ignored. */
  async stop(): Promise<void> {
    if (this.gone) return;
    const child = this.process;
    if (child === undefined) {
      this.gone = true;
      return;
    }
    // Not `exit`: messages may still be on their way then.
    const exit = once(child, 'close');
    const deadline = Date.now() + FINISH_LIMIT_MS;
    while (this.timer !== undefined && Date.now() < deadline) await Promise.race([exit, sleep(10)]);
    child.kill('SIGTERM');
    const kill = setTimeout(() => child.kill('SIGKILL'), STOP_GRACE_MS);
    await exit;
    clearTimeout(kill);
  }

  onIdle(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
    // One whose response stream was closed by itself before its first byte has answered nothing.
    this.take()?.reject(new FunctionError('Runtime.NoResponse', 'the function gave no response'));
    this.idle = true;
    this.initialized = true;
    this.options.onIdle(this);
  }

  onAnswer(_id: string, answer: string): void {
    this.take()?.resolve(answer);
  }

  onStream(_id: string, body: Readable): void {
    const invocation = this.take();
    if (invocation === undefined) {
      body.destroy();
      return;
    }
    this.body = body;
    invocation.resolve(body);
  }

  onError(_id: string, error: ReportedError): void {
    this.take()?.reject(new FunctionError(error.errorType, error.errorMessage));
  }

  onInitError(error: ReportedError): void {
    this.failure = error;
  }

  /** Before the first byte there is no connection that could be closed: the runtime is told. What is streamed, its reader destroys. */
  private drop(invocation: Invocation): void {
    if (this.invocation !== invocation) return;
    this.take();
    invocation.reject(new FunctionError('Dropped', 'nobody waits for the answer any more'));
    // Where the process is gone already, its end says it all.
    this.process?.send({ drop: invocation.id }, () => undefined);
  }

  private take(): Invocation | undefined {
    const taken = this.invocation;
    this.invocation = undefined;
    return taken;
  }

  private fail(error: ReportedError): void {
    this.failure = error;
    this.body?.destroy(new FunctionError(error.errorType, error.errorMessage));
    this.process?.kill('SIGKILL');
  }

  /** The process is gone, or could not be started. */
  exited(message: string): void {
    if (this.gone) return;
    this.gone = true;
    clearTimeout(this.timer);
    this.timer = undefined;
    this.idle = false;
    this.api.close();
    this.failure ??= { errorType: 'Runtime.ExitError', errorMessage: message };
    this.take()?.reject(new FunctionError(this.failure.errorType, this.failure.errorMessage));
    this.options.onExit(this);
  }
}
