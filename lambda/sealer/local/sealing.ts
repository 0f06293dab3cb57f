import { isFinal, versionName, type ObjectVersion, type Sealer } from '../../../lib/ledger/seal';
import type { FolderListing } from './folder-listing';
import { NO_VERSION } from './folder-objects';
import type { KnownSize } from './known-size';

export interface SealingParts {
  readonly listing: Pick<FolderListing, 'keys'>;
  readonly sealer: Pick<Sealer, 'seal'>;
  /** Told how many leaves the ledger has. @default nobody is */
  readonly known?: Pick<KnownSize, 'raise'>;
  readonly intervalMs: number;
  /** Takes one line that people should read. */
  readonly warn: (line: string) => void;
}

/** The most lines of one fault: a folder that cannot be read has thousands of objects. */
const MAX_TOLD = 10;

/** Seals what a trail in a folder gets, as long as it runs. Nobody tells of new objects here: it looks. */
export class Sealing {
  /** Names of versions that are in the ledger. */
  private readonly sealed = new Set<string>();
  private broken = false;
  /** What was told of the fault that lasts; each line once. */
  private readonly told = new Set<string>();
  private wake: () => void = () => undefined;
  private stopping = false;
  private readonly running: Promise<void>;

  constructor(private readonly parts: SealingParts) {
    this.running = this.run();
  }

  /**
   * Ends it when all is sealed that is there now.
   *
   * @returns false if not all could be; it is sealed at the next start
   */
  async stop(): Promise<boolean> {
    this.stopping = true;
    this.wake();
    await this.running;
    return this.round();
  }

  private async run(): Promise<void> {
    while (!this.stopping) {
      await this.round();
      if (this.stopping) return;
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, this.parts.intervalMs);
        this.wake = () => (clearTimeout(timer), resolve());
      });
    }
  }

  /** @returns whether all is sealed */
  private async round(): Promise<boolean> {
    if (this.broken) return false;
    try {
      const versions = (await this.parts.listing.keys()).map((key) => ({ key, versionId: NO_VERSION }));
      const all = await this.seal(versions.filter((version) => !this.sealed.has(versionName(version))));
      if (all) this.tellEnd();
      return all;
    } catch (error) {
      this.broken = isFinal(error);
      this.warnOnce(this.broken ? `sealing stopped: ${String(error)}` : `cannot seal now: ${String(error)}`);
      return false;
    }
  }

  private async seal(versions: readonly ObjectVersion[]): Promise<boolean> {
    if (versions.length === 0) return true;
    const { failed, missing, unreadable, head } = await this.parts.sealer.seal(versions);
    await this.parts.known?.raise(head.size);
    const left = new Set([...failed.map(({ version }) => version), ...missing].map(versionName));
    for (const version of versions) if (!left.has(versionName(version))) this.sealed.add(versionName(version));
    for (const { version, reason } of unreadable) {
      this.parts.warn(`${version.key} is sealed, but its events are not as a writer puts them there: ${reason}`);
    }
    for (const { version, error } of failed) this.warnOnce(`cannot read ${version.key}: ${String(error)}`);
    return failed.length === 0;
  }

  /** A fault that lasts is not told each second. */
  private warnOnce(line: string): void {
    if (this.told.has(line) || this.told.size >= MAX_TOLD) return;
    this.told.add(line);
    this.parts.warn(line);
  }

  private tellEnd(): void {
    if (this.told.size > 0) this.parts.warn('all of the trail is sealed again');
    this.told.clear();
  }
}
