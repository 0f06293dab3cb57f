import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';

export interface DeliveryProcessOptions {
  /** The bundled `bin/local/delivery/main.ts`. */
  readonly program: string;
  readonly dataFolder: string;
  /** Names of the streams that there are; at least one. */
  readonly streams: readonly string[];
  /** Says what happened while it ran, one line each. */
  readonly warn: (line: string) => void;
}

/** How long to wait before a delivery stream is started again that did not start, in milliseconds. */
const RESTART_DELAY_MS = 1_000;

/** What the process sends when it has started, or cannot. */
type FirstMessage = { readonly ready: true; readonly port: number } | { readonly error: string };

/**
 * Keeps the delivery stream running, as a process of its own. If that dies it is started again on the same port, and
 * delivers what it had acknowledged from its write-ahead log.
 */
export class DeliveryProcess {
  private child: ChildProcess | undefined;
  private stopping = false;
  port = 0;

  private constructor(private readonly options: DeliveryProcessOptions) {}

  /** @throws Error with the process's own words if it cannot start. */
  static async start(options: DeliveryProcessOptions): Promise<DeliveryProcess> {
    const delivery = new DeliveryProcess(options);
    await delivery.launch();
    return delivery;
  }

  get pid(): number | undefined {
    return this.child?.pid;
  }

  /**
   * Has everything delivered that was acknowledged, and ends the process.
   *
   * @returns whether all was delivered; what was not stays in the write-ahead log for the next start.
   */
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
    const { program, dataFolder, streams } = this.options;
    const child = spawn(
      process.execPath,
      [
        program,
        '--data',
        dataFolder,
        '--port',
        String(this.port),
        ...streams.flatMap((stream) => ['--stream', stream]),
      ],
      { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] },
    );
    this.child = child;
    const message = await firstMessage(child);
    if ('error' in message) {
      this.child = undefined;
      throw new Error(message.error);
    }
    this.port = message.port;
    child.once('exit', (code, signal) => {
      this.child = undefined;
      if (!this.stopping) void this.relaunch(signal === null ? `with exit code ${code}` : `by ${signal}`);
    });
  }

  private async relaunch(how: string): Promise<void> {
    this.options.warn(`the delivery stream ended unexpectedly (${how}); starting it again on port ${this.port}`);
    while (!this.stopping) {
      try {
        await this.launch();
        this.options.warn('the delivery stream runs again, and delivers what it had acknowledged');
        return;
      } catch (error) {
        this.options.warn(`the delivery stream does not start: ${(error as Error).message}`);
        await sleep(RESTART_DELAY_MS);
      }
    }
  }
}

function firstMessage(child: ChildProcess): Promise<FirstMessage> {
  return new Promise((resolve) => {
    child.once('message', (message) => resolve(message as FirstMessage));
    child.once('error', (error) => resolve({ error: error.message }));
    child.once('exit', (code, signal) => resolve({ error: `it ended at once (${signal ?? `exit code ${code}`})` }));
  });
}
