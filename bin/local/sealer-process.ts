import { SupervisedProcess } from './supervised-process';

export interface SealerProcessOptions {
  /** The bundled `lambda/sealer/local/main.mts`. */
  readonly program: string;
  readonly dataFolder: string;
  /** Says what happened while it ran, one line each. */
  readonly warn: (line: string) => void;
}

interface SealerReady {
  readonly vkey: string;
}

/**
 * Keeps the sealer of the local trail running, as a process of its own. If that dies it is started again, and finishes
 * what it had begun.
 */
export class SealerProcess {
  private constructor(private readonly process: SupervisedProcess<SealerReady>) {}

  /** @throws Error with the process's own words if it cannot start. */
  static async start({ program, dataFolder, warn }: SealerProcessOptions): Promise<SealerProcess> {
    const process = await SupervisedProcess.start<SealerReady>({
      name: 'the sealer',
      program,
      args: () => ['--data', dataFolder],
      again: () => '',
      resumes: 'seals what there is by now',
      warn,
    });
    return new SealerProcess(process);
  }

  /** The public key of the ledger, as verifiers pin it. */
  get vkey(): string {
    return this.process.ready.vkey;
  }

  get pid(): number | undefined {
    return this.process.pid;
  }

  /** Seals all that is there, and ends the process. @returns whether all is sealed; the rest is at the next start */
  stop(): Promise<boolean> {
    return this.process.stop();
  }
}
