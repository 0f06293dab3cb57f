import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';

export interface SupervisedOptions<Ready> {
  /** For people, e.g. `the delivery stream`. */
  readonly name: string;
  /** A script for Node.js. It sends `{ready: true, …}` or `{error}`, and stops on `{stop: true}`. */
  readonly program: string;
  /** @param last what it sent when it was ready last; undefined at the first start */
  readonly args: (last: Ready | undefined) => readonly string[];
  /** Follows `starting it again`. */
  readonly again: (last: Ready) => string;
  /** What it does when it runs again, for people. */
  readonly resumes: string;
  /** Says what happened while it ran, one line each. */
  readonly warn: (line: string) => void;
}

/** How long to wait before a process is started again that did not start, in milliseconds. */
const RESTART_DELAY_MS = 1_000;

/** Keeps a program running, as a process of its own: if it dies it is started again. */
export class SupervisedProcess<Ready extends object> {
  private child: ChildProcess | undefined;
  private stopping = false;
  private last: Ready | undefined;

  private constructor(private readonly options: SupervisedOptions<Ready>) {}

  /** @throws Error with the process's own words if it cannot start. */
  static async start<Ready extends object>(options: SupervisedOptions<Ready>): Promise<SupervisedProcess<Ready>> {
    const supervised = new SupervisedProcess<Ready>(options);
    await supervised.launch();
    return supervised;
  }

  get pid(): number | undefined {
    return this.child?.pid;
  }

  /** What it sent when it was ready last. */
  get ready(): Ready {
    return this.last!;
  }

  /** Has it end what it does, and ends it. @returns whether it said, by exit code 0, that all is done */
  async stop(): Promise<boolean> {
    this.stopping = true;
    const child = this.child;
    if (child === undefined) return false;
    const exit = once(child, 'exit') as Promise<[number | null]>;
    // A channel that closed says the same as the message.
    child.send({ stop: true }, () => undefined);
    const [code] = await exit;
    return code === 0;
  }

  private async launch(): Promise<void> {
    const { program, args } = this.options;
    const child = spawn(process.execPath, [program, ...args(this.last)], {
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    });
    this.child = child;
    const message = await firstMessage<Ready>(child);
    if ('error' in message) {
      this.child = undefined;
      throw new Error(message.error);
    }
    this.last = message;
    child.once('exit', (code, signal) => {
      this.child = undefined;
      if (!this.stopping) void this.relaunch(signal === null ? `with exit code ${code}` : `by ${signal}`);
    });
  }

  private async relaunch(how: string): Promise<void> {
    const { name, again, resumes, warn } = this.options;
    warn(`${name} ended unexpectedly (${how}); starting it again${again(this.ready)}`);
    while (!this.stopping) {
      try {
        await this.launch();
        warn(`${name} runs again, and ${resumes}`);
        return;
      } catch (error) {
        warn(`${name} does not start: ${(error as Error).message}`);
        await sleep(RESTART_DELAY_MS);
      }
    }
  }
}

function firstMessage<Ready>(child: ChildProcess): Promise<Ready | { readonly error: string }> {
  return new Promise((resolve) => {
    child.once('message', (message) => resolve(message as Ready));
    child.once('error', (error) => resolve({ error: error.message }));
    child.once('exit', (code, signal) => resolve({ error: `it ended at once (${signal ?? `exit code ${code}`})` }));
  });
}
