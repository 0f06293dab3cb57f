import { SupervisedProcess } from './supervised-process';

export interface DeliveryProcessOptions {
  /** The bundled `bin/local/delivery/main.ts`. */
  readonly program: string;
  readonly dataFolder: string;
  /** Names of the streams that there are; at least one. */
  readonly streams: readonly string[];
  /** Says what happened while it ran, one line each. */
  readonly warn: (line: string) => void;
}

interface DeliveryReady {
  readonly port: number;
}

/**
 * Keeps the delivery stream running, as a process of its own. If that dies it is started again on the same port, and
 * delivers what it had acknowledged from its write-ahead log.
 */
export class DeliveryProcess {
  private constructor(private readonly process: SupervisedProcess<DeliveryReady>) {}

  /** @throws Error with the process's own words if it cannot start. */
  static async start({ program, dataFolder, streams, warn }: DeliveryProcessOptions): Promise<DeliveryProcess> {
    const process = await SupervisedProcess.start<DeliveryReady>({
      name: 'the delivery stream',
      program,
      args: (last) => [
        ...['--data', dataFolder, '--port', String(last?.port ?? 0)],
        ...streams.flatMap((stream) => ['--stream', stream]),
      ],
      again: ({ port }) => ` on port ${port}`,
      resumes: 'delivers what it had acknowledged',
      warn,
    });
    return new DeliveryProcess(process);
  }

  get port(): number {
    return this.process.ready.port;
  }

  get pid(): number | undefined {
    return this.process.pid;
  }

  /**
   * Has everything delivered that was acknowledged, and ends the process.
   *
   * @returns whether all was delivered; what was not stays in the write-ahead log for the next start.
   */
  stop(): Promise<boolean> {
    return this.process.stop();
  }
}
