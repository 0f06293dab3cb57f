import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';

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

/** Pauses before a process is started again that does not stay up, in milliseconds: each is twice as long as the one before. */
const FIRST_PAUSE_MS = 1_000;
const MAX_PAUSE_MS = 30_000;

/** How long a process has to run until the next end counts as the first again, in milliseconds. */
const STEADY_MS = 60_000;

/** Ends in a row that are told one by one, and after which the process is started again at once. */
const TOLD_ENDS = 3;

/** Keeps a program running, as a process of its own: if it dies it is started again, at once a few times, then less and less often. */
export class SupervisedProcess<Ready extends object> {
  private child: ChildProcess | undefined;
  private stopping = false;
  private last: Ready | undefined;
  /** Ends, and starts that failed, without a steady run in between. */
  private ends = 0;
  private lastFailure: string | undefined;
  private readyAt = 0;
  /** Cuts a pause short. */
  private wake: () => void = () => undefined;
  private relaunching: Promise<void> | undefined;

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
    this.wake();
    // A start that is under way comes to its end first: its process must be told to stop.
    await this.relaunching;
    const child = this.child;
    if (child === undefined) return false;
    if (child.exitCode !== null || child.signalCode !== null) return false;
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
      if (!this.stopping) this.relaunching = this.relaunch(signal === null ? `with exit code ${code}` : `by ${signal}`);
    });
    this.readyAt = Date.now();
  }

  private async relaunch(how: string): Promise<void> {
    const { name, again, resumes, warn } = this.options;
    if (Date.now() - this.readyAt >= STEADY_MS) this.ends = 0;
    this.ends += 1;
    const isTold = this.ends <= TOLD_ENDS;
    if (isTold) warn(`${name} ended unexpectedly (${how}); starting it again${again(this.ready)}`);
    else if (this.ends === TOLD_ENDS + 1) warn(`${name} keeps ending (${how}); starting it again, less and less often`);
    if (!isTold) await this.pause(this.ends - TOLD_ENDS);

    for (let failures = 1; !this.stopping; failures += 1) {
      try {
        await this.launch();
        if (isTold || this.lastFailure !== undefined) warn(`${name} runs again, and ${resumes}`);
        this.lastFailure = undefined;
        return;
      } catch (error) {
        const { message } = error as Error;
        if (message !== this.lastFailure) warn(`${name} does not start, trying again: ${message}`);
        this.lastFailure = message;
        await this.pause(failures);
      }
    }
  }

  /** @param round from 1 */
  private async pause(round: number): Promise<void> {
    if (this.stopping) return;
    const milliseconds = Math.min(FIRST_PAUSE_MS * 2 ** (round - 1), MAX_PAUSE_MS);
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, milliseconds);
      this.wake = () => (clearTimeout(timer), resolve());
    });
  }
}

function firstMessage<Ready>(child: ChildProcess): Promise<Ready | { readonly error: string }> {
  return new Promise((resolve) => {
    child.once('message', (message) => resolve(message as Ready));
    child.on('error', (error) => resolve({ error: error.message }));
    child.once('exit', (code, signal) => resolve({ error: `it ended at once (${signal ?? `exit code ${code}`})` }));
  });
}
