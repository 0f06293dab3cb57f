import { closeSync, openSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { FunctionError, NeverInvoked, type Functions } from '../gateway/functions';
import { Environment } from './environment';
import { functionArn, functionVariables } from './function-variables';
import type { Invocation } from './invocation';

export interface FunctionPoolOptions {
  /** Folder of the function's bundle, with `index.mjs` in it that exports `handler`. */
  readonly bundle: string;
  /** Program that runs the function: the bundled `bin/local/runtime/main.ts`. */
  readonly runtimeFile: string;
  /** Environment variables, besides those that Lambda sets. */
  readonly variables: Readonly<Record<string, string>>;
  /** Folder that takes `function.log`, what the function prints. */
  readonly logFolder: string;
  /**
   * How many environments there are: requests beyond wait until one is free. Lambda would start more of them, and
   * throttle (429) beyond the account's limit.
   *
   * @default the number of processors, at least 2 and at most 4
   */
  readonly concurrency?: number;
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

/** Lambda on one machine: a fixed number of environments, each a process, one invocation at a time in each. */
export class FunctionPool implements Functions {
  private readonly environments = new Set<Environment>();
  private readonly waiting: Invocation[] = [];
  private readonly log: number;
  private stopped: Promise<void> | undefined;

  private constructor(private readonly options: FunctionPoolOptions) {
    this.log = openSync(path.join(options.logFolder, FUNCTION_LOG), 'a');
  }

  /**
   * Starts all environments and resolves when each waits for work.
   *
   * @throws FunctionError if one does not get through its init phase.
   */
  static async start(options: FunctionPoolOptions): Promise<FunctionPool> {
    const pool = new FunctionPool(options);
    const concurrency = options.concurrency ?? defaultConcurrency();
    try {
      await Promise.all(Array.from({ length: concurrency }, () => pool.startFirst()));
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

  invoke(event: string, givenUp: AbortSignal, requestId: string): Promise<string> {
    return new Promise((resolve, reject) => {
      if (this.stopped !== undefined) {
        reject(new NeverInvoked('Stopped', 'the function is being stopped'));
        return;
      }
      const invocation: Invocation = { id: requestId, event, resolve, reject };
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
  }

  private startFirst(): Promise<void> {
    return new Promise((resolve, reject) => {
      this.startEnvironment(resolve, (error) => reject(error)).catch(reject);
    });
  }

  private async startEnvironment(onReady?: () => void, onFailure?: (error: Error) => void): Promise<void> {
    let ready = onReady;
    const environment = new Environment({
      runtimeFile: this.options.runtimeFile,
      functionArn: functionArn(),
      variables: { ...functionVariables(this.options.bundle), ...this.options.variables },
      log: this.log,
      timeoutMs: this.options.timeoutMs ?? DEFAULT_TIMEOUT_MS,
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
    await environment.start();
  }

  private async replace(initialized: boolean, error: FunctionError): Promise<void> {
    if (this.stopped !== undefined) return;
    if (!initialized) {
      // As in Lambda, an invocation that meets a failing init phase fails with it.
      this.waiting.shift()?.reject(error);
      await sleep(RESTART_DELAY_MS);
      if (this.stopped !== undefined) return;
    }
    await this.startEnvironment();
  }
}

/** Two at least, so that requests overlap on any machine; four at most, since each is a process of some 60 MB. */
export function defaultConcurrency(): number {
  return Math.max(2, Math.min(4, availableParallelism()));
}
