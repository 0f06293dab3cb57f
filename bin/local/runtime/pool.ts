import { closeSync, openSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import path from 'node:path';
import { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import { FunctionError, NeverInvoked, type Functions, type StreamingFunctions } from '../gateway/functions';
import { Environment } from './environment';
import { functionArn, functionVariables, PROXY_FUNCTION, type LocalFunction } from './function-variables';
import type { FunctionAnswer, Invocation } from './invocation';

export interface FunctionPoolOptions {
  /** Folder of the function's bundle, with `index.mjs` in it that exports the handler. */
  readonly bundle: string;
  /**
   * Which of the bundle's functions is run.
   *
   * @default the one whose answers are not streamed
   */
  readonly function?: LocalFunction;
  /** Program that runs the function: the bundled `bin/local/runtime/main.ts`. */
  readonly runtimeFile: string;
  /** Environment variables, besides those that Lambda sets. */
  readonly variables: Readonly<Record<string, string>>;
  /** Folder that takes `function.log`, what the function prints. */
  readonly logFolder: string;
  /**
   * Takes each line of the last resort that the log did not take.
   *
   * @default they are printed on stderr
   */
  readonly onUnlogged?: (line: string) => void;
  /**
   * How many environments there are from the start.
   *
   * @default the number of processors, at least 2 and at most 4
   */
  readonly concurrency?: number;
  /**
   * How many environments there may come to be, where requests wait for one; requests beyond wait until one is free. Lambda
   * would throttle (429) beyond the account's limit.
   *
   * @default concurrency: none is added
   */
  readonly maxConcurrency?: number;
  /**
   * The function's time limit, in milliseconds.
   *
   * @default 30,000
   */
  readonly timeoutMs?: number;
}

/** The file that takes what the function prints, in `logFolder`. */
export const FUNCTION_LOG = 'function.log';

const DEFAULT_TIMEOUT_MS = 30_000;

/** How long to wait before an environment is started again that did not get through its init phase. */
const RESTART_DELAY_MS = 500;

/** Lambda on one machine: environments, each a process, one invocation at a time in each. */
export class FunctionPool implements Functions, StreamingFunctions {
  private readonly environments = new Set<Environment>();
  private readonly waiting: Invocation[] = [];
  private readonly log: number;
  private readonly concurrency: number;
  private readonly maxConcurrency: number;
  private stopped: Promise<void> | undefined;

  private constructor(private readonly options: FunctionPoolOptions) {
    this.log = openSync(path.join(options.logFolder, FUNCTION_LOG), 'a+');
    this.concurrency = options.concurrency ?? defaultConcurrency();
    this.maxConcurrency = options.maxConcurrency ?? this.concurrency;
  }

  /**
   * Starts the first environments and resolves when each waits for work.
   *
   * @throws FunctionError if one does not get through its init phase.
   */
  static async start(options: FunctionPoolOptions): Promise<FunctionPool> {
    const pool = new FunctionPool(options);
    try {
      await Promise.all(Array.from({ length: pool.concurrency }, () => pool.startFirst()));
    } catch (error) {
      await pool.stop();
      throw error;
    }
    return pool;
  }

  /** Processes of the environments. */
  get pids(): readonly number[] {
    return [...this.environments].flatMap(({ pid }) => (pid === undefined ? [] : [pid]));
  }

  // As in Lambda, either call takes either kind of answer.

  invoke(event: string, givenUp: AbortSignal, requestId: string): Promise<string> {
    const take = (answer: FunctionAnswer) => (typeof answer === 'string' ? answer : text(answer));
    return this.enqueue({ id: requestId, event }, givenUp, take);
  }

  invokeStreaming(
    event: string,
    { givenUp, dropped }: { readonly givenUp: AbortSignal; readonly dropped: AbortSignal },
    requestId: string,
  ): Promise<Readable> {
    const take = (answer: FunctionAnswer) =>
      typeof answer === 'string' ? Readable.from([Buffer.from(answer)]) : answer;
    return this.enqueue({ id: requestId, event, dropped }, givenUp, take);
  }

  private enqueue<Answer>(
    call: Pick<Invocation, 'id' | 'event' | 'dropped'>,
    givenUp: AbortSignal,
    take: (answer: FunctionAnswer) => Answer | Promise<Answer>,
  ): Promise<Answer> {
    return new Promise((resolve, reject) => {
      if (this.stopped !== undefined) {
        reject(new NeverInvoked('Stopped', 'the function is being stopped'));
        return;
      }
      const invocation: Invocation = { ...call, resolve: (answer) => resolve(take(answer)), reject };
      this.waiting.push(invocation);
      givenUp.addEventListener('abort', () => {
        const index = this.waiting.indexOf(invocation);
        if (index === -1) return;
        this.waiting.splice(index, 1);
        reject(new NeverInvoked('GivenUp', 'no environment was free in time'));
      });
      this.dispatch();
    });
  }

  /** Lets everything under way come to its end, then ends the processes (SIGTERM, so that each can say good-bye). */
  stop(): Promise<void> {
    this.stopped ??= this.stopAll();
    return this.stopped;
  }

  private async stopAll(): Promise<void> {
    for (const { reject } of this.waiting.splice(0)) {
      reject(new NeverInvoked('Stopped', 'the function is being stopped'));
    }
    await Promise.all([...this.environments].map((environment) => environment.stop()));
    closeSync(this.log);
  }

  private dispatch(): void {
    for (const environment of this.environments) {
      if (!environment.idle) continue;
      const next = this.waiting.shift();
      if (next === undefined) return;
      environment.invoke(next);
    }
    this.grow();
  }

  /** Starts as many environments as requests wait that none of those which are starting will take. */
  private grow(): void {
    if (this.stopped !== undefined) return;
    const starting = [...this.environments].filter(({ initialized }) => !initialized).length;
    const wanted = this.waiting.length - starting;
    const most = this.maxConcurrency - this.environments.size;
    for (let count = Math.min(wanted, most); count > 0; count -= 1) void this.startEnvironment();
  }

  private startFirst(): Promise<void> {
    return new Promise((resolve, reject) => {
      this.startEnvironment(resolve, (error) => reject(error)).catch(reject);
    });
  }

  private async startEnvironment(onReady?: () => void, onFailure?: (error: Error) => void): Promise<void> {
    let ready = onReady;
    const lambda = this.options.function ?? PROXY_FUNCTION;
    const environment = new Environment({
      runtimeFile: this.options.runtimeFile,
      functionArn: functionArn(lambda),
      variables: { ...functionVariables(this.options.bundle, lambda), ...this.options.variables },
      log: this.log,
      timeoutMs: this.options.timeoutMs ?? DEFAULT_TIMEOUT_MS,
      onUnlogged: this.options.onUnlogged ?? ((line) => void process.stderr.write(`${line}\n`)),
      onIdle: () => {
        ready?.();
        ready = undefined;
        this.dispatch();
      },
      onExit: () => {
        this.environments.delete(environment);
        const { initialized, failure } = environment;
        const error = new FunctionError(failure?.errorType ?? 'Unknown', failure?.errorMessage ?? 'the process ended');
        if (!initialized && onFailure !== undefined) onFailure(error);
        else void this.replace(initialized, error);
      },
    });
    this.environments.add(environment);
    // Too many open files: as an environment that ends at once, it is started again.
    await environment.start().catch((error: Error) => environment.exited(error.message));
  }

  private async replace(initialized: boolean, error: FunctionError): Promise<void> {
    if (this.stopped !== undefined) return;
    if (!initialized) {
      // As in Lambda, an invocation that meets a failing init phase fails with it.
      this.waiting.shift()?.reject(error);
      await sleep(RESTART_DELAY_MS);
      if (this.stopped !== undefined) return;
    }
    if (this.environments.size < this.concurrency) await this.startEnvironment();
    else this.grow();
  }
}

/** Two at least, so that requests overlap on any machine; four at most, since each is a process of some 60 MB. */
export function defaultConcurrency(): number {
  return Math.max(2, Math.min(4, availableParallelism()));
}
