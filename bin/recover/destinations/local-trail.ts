import fs from 'node:fs/promises';
import path from 'node:path';
import type { SealedEvent } from '../../../lib/event/chain';
import { FALLBACK_PREFIX, fallbackKey } from '../../../lib/event/keys';
import { FolderInUseError, lockFolder } from '../../local/delivery/folder-lock';
import { KeyConflictError, LockedFolder, type ObjectStore } from '../../local/locked-folder';
import { openLocalTrail, type LocalTrail } from '../../query/duckdb-queries';
import { RecoveryError, type Destination, type Replayed, type Unrecovered } from '../recovery';
import { knownFingerprints } from './known-events';

/** In the trail's folder; no reader of the trail looks there, and the pipeline, which may be running, does not either. */
const WORK = '.recovery';
const STAGING = `${WORK}/staging`;

/**
 * A trail in a local folder. Events go under `fallback/`, each written once: what the trail holds already is left as it
 * is, and nothing is ever overwritten.
 */
export class LocalTrailDestination implements Destination {
  readonly name: string;

  private constructor(
    dir: string,
    private readonly trail: Pick<LocalTrail, 'run' | 'dropUnreadable' | 'close'>,
    private readonly store: ObjectStore,
    private readonly release: () => Promise<void>,
  ) {
    this.name = path.join(dir, FALLBACK_PREFIX);
  }

  /**
   * @param dir folder of the trail
   * @param dryRun whether to write nothing
   * @throws QueryError if there is no trail, or no DuckDB; RecoveryError if it cannot be written
   */
  static async open(dir: string, dryRun: boolean): Promise<LocalTrailDestination> {
    const trail = await openLocalTrail(dir);
    try {
      const { store, release } = dryRun ? NOTHING_WRITTEN : await openStore(dir);
      return new LocalTrailDestination(dir, trail, store, release);
    } catch (error) {
      await trail.close();
      throw error;
    }
  }

  async replay(events: readonly SealedEvent[]): Promise<Replayed[]> {
    const known = await knownFingerprints(this.trail, events);
    const replayed: Replayed[] = [];
    for (const sealed of events) {
      const fingerprints = known.get(sealed.uid);
      if (fingerprints?.has(sealed.fingerprint)) replayed.push('already in the trail');
      else if (fingerprints !== undefined) replayed.push(refused(sealed, [...fingerprints].join(', ')));
      else replayed.push(await this.write(sealed));
    }
    return replayed;
  }

  async close(): Promise<void> {
    await this.trail.close();
    await this.release();
  }

  private async write(sealed: SealedEvent): Promise<Replayed> {
    try {
      await this.store.put(fallbackKey(sealed.event.time, sealed.uid), Buffer.from(sealed.line + '\n'));
      return 'recovered';
    } catch (error) {
      // Two events with one uid came in the same batch, or the pipeline has just written the other one.
      if (error instanceof KeyConflictError) return refused(sealed, 'see its object under fallback/');
      throw new RecoveryError(
        `cannot write to ${this.name}: ${error instanceof Error ? error.message : String(error)}`,
      );
    }
  }
}

const NOTHING_WRITTEN = { store: { put: () => Promise.resolve() }, release: () => Promise.resolve() };

/** One recovery at a time: each empties its staging folder when it begins. */
async function openStore(dir: string): Promise<{ store: ObjectStore; release: () => Promise<void> }> {
  const work = path.join(dir, WORK);
  try {
    await fs.mkdir(work, { recursive: true });
    const unlock = await lockFolder(work);
    const release = async () => {
      await fs.rm(path.join(dir, STAGING), { recursive: true, force: true });
      await unlock();
      // Not empty where the next recovery has begun already.
      await fs.rmdir(work).catch(() => undefined);
    };
    try {
      return { store: await LockedFolder.open(dir, STAGING), release };
    } catch (error) {
      await release();
      throw error;
    }
  } catch (error) {
    if (error instanceof FolderInUseError) throw new RecoveryError(`another recovery is at work in ${dir}`);
    throw new RecoveryError(`cannot write to ${dir}: ${error instanceof Error ? error.message : String(error)}`);
  }
}

function refused({ uid, fingerprint }: SealedEvent, other: string): Unrecovered {
  const detail = `the trail holds another event with this uid (fingerprint ${other}): at least one is forged`;
  return { problem: 'refused', uid, fingerprint, detail };
}
