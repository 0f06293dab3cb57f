import type { NoteSigner } from '../checkpoint/key';
import type { TreeHead } from '../merkle/proof';
import type { LedgerEdge } from '../tiles/edge';
import { SealError } from './error';
import { checkNeverFounded, checkTreeSize } from './founding';
import { HEAD_PATH, decodeHead, encodeHead, stagingPath, type SealHead } from './head';
import { indexFiles } from './index-file';
import { isSealedKey, versionName, type ObjectInspector, type ObjectVersion } from './objects';
import { patiently, type Timing } from './patience';
import { Progress } from './progress';
import { publish, writeOnce } from './publish';
import { mergeReports, type SealReport } from './report';
import { SealedIndex } from './sealed-index';
import { isSame, readCheckpoint } from './signed-checkpoint';
import { EMPTY_TREE, batchOf, edgeOf, encodeBatch, readBatch, type Batch } from './staging';
import type { SealStore } from './store';

export interface SealerOptions {
  readonly store: SealStore;
  readonly inspector: ObjectInspector;
  /** Its name is the log's origin. */
  readonly signer: NoteSigner;
  readonly timing: Timing;
  /**
   * Most objects that are appended at once: more of them take several checkpoints.
   *
   * @default 5,000
   */
  readonly maxBatch?: number;
  /**
   * Leaves that the ledger is known to have: with fewer, sealing stops.
   *
   * @default 0
   */
  readonly minTreeSize?: number;
}

const MAX_BATCH = 5_000;
/** How often a batch begins again when it loses against another sealer, or the store fails. */
const TRIES = 10;

/**
 * Appends object versions to the ledger, each once, however often it is told of them, and beside any number of other
 * sealers. All that makes this so is the order of the writes in `attempt`; README.md gives the reasons.
 */
export class Sealer {
  private readonly index: SealedIndex;
  /** The edge of the tree that was published last by us, so that it need not be read. */
  private edge: { readonly of: TreeHead; readonly edge: LedgerEdge } | undefined;
  /** Leaves that we saw the ledger have. */
  private seen = 0;

  constructor(private readonly options: SealerOptions) {
    this.index = new SealedIndex(options.store);
  }

  /**
   * Seals what is not sealed yet; also finishes what a sealer before left half-published, even if there is nothing new.
   *
   * @throws SealError, LedgerError when the ledger is not as it must be: sealing stops until somebody has looked
   * @throws Error of the store or the signer if they kept failing; all of it can be given again
   */
  async seal(versions: Iterable<ObjectVersion>): Promise<SealReport> {
    const all = eachOnce(versions);
    const size = this.options.maxBatch ?? MAX_BATCH;
    let report = await this.sealBatch(all.slice(0, size));
    for (let at = size; at < all.length; at += size) {
      report = mergeReports(report, await this.sealBatch(all.slice(at, at + size)));
    }
    return report;
  }

  private sealBatch(versions: readonly ObjectVersion[]): Promise<SealReport> {
    const progress = new Progress(versions, this.options.inspector);
    return patiently(this.options.timing, TRIES, () => this.attempt(progress));
  }

  private async attempt(progress: Progress): Promise<SealReport> {
    const { store } = this.options;

    // 1, 2: how far the log goes, and that all of it is published. Only then does the index tell of every leaf.
    const { head, etag } = await this.publishedHead();
    progress.noteHead(head);

    // 3: what is left to seal.
    const leaves = await progress.leavesOf(await this.index.unsealed(progress.versions));
    if (leaves.length === 0) return progress.report(head);

    // 4: the leaves wait where every sealer finds them, before anything points to them.
    const entries = leaves.map(({ entry }) => entry);
    const batch = batchOf(await this.edgeAt(head), head, entries);
    const next: SealHead = { size: batch.appended.size, root: batch.appended.root, from: head.size };
    const versions = leaves.map(({ version }) => version);
    progress.propose(next, versions);
    await writeOnce(store, { path: stagingPath(next), body: encodeBatch(batch) });

    // 5: the one step that decides.
    const bytes = encodeHead(next);
    const swapped =
      etag === undefined ? await store.putIfAbsent(HEAD_PATH, bytes) : await store.putIfMatch(HEAD_PATH, bytes, etag);
    if (!swapped) throw new SealError('CONTENDED', 'another sealer was faster, each time');

    // 6: from here on anybody can finish it.
    progress.noteHead(next);
    await this.publish(batch);
    return progress.report(next);
  }

  /**
   * The checkpoint is read before `head`, which is never behind it; so if it is, somebody put an older one back. The
   * checkpoint comes last when a batch is published: if it is as far as `head`, there is nothing left to do.
   */
  private async publishedHead(): Promise<{ readonly head: SealHead; readonly etag: string | undefined }> {
    const { store, signer, minTreeSize = 0 } = this.options;
    const { tree: signed, etag: checkpoint } = await readCheckpoint(store, signer);
    const file = await store.get(HEAD_PATH);
    if (file === undefined && checkpoint === undefined) await this.checkFounding();
    const head = file === undefined ? NO_HEAD : decodeHead(file.bytes);
    if (head.size < signed.size) {
      const message = `the checkpoint has ${signed.size} leaves, and ${HEAD_PATH} knows ${head.size} only`;
      throw new SealError('HEAD_ROLLED_BACK', message);
    }
    checkTreeSize(head.size, Math.max(minTreeSize, this.seen));
    if (head.size > signed.size) await this.publish(await readBatch(store, head));
    else if (!isSame(head, signed)) {
      throw new SealError(
        'FORKED',
        `the checkpoint and ${HEAD_PATH} have other roots for the same ${head.size} leaves`,
      );
    }
    this.seen = Math.max(this.seen, head.size);
    return { head, etag: file?.etag };
  }

  /** While the first batch is on its way, another sealer may have begun: then there is a `head`, and no reason to stop. */
  private async checkFounding(): Promise<void> {
    const { store } = this.options;
    try {
      await checkNeverFounded(store);
    } catch (error) {
      if ((await store.get(HEAD_PATH)) === undefined) throw error;
      throw new SealError('CONTENDED', 'another sealer began the ledger');
    }
  }

  private async publish(batch: Batch): Promise<void> {
    const { store, signer, timing } = this.options;
    const files = indexFiles(batch.from.size, batch.entries);
    await publish(store, signer, timing, batch, files);
    this.index.keep(files);
    this.seen = Math.max(this.seen, batch.appended.size);
    this.edge = { of: batch.appended, edge: batch.appended.edge };
  }

  private async edgeAt(head: TreeHead): Promise<LedgerEdge> {
    return this.edge !== undefined && isSame(this.edge.of, head) ? this.edge.edge : edgeOf(this.options.store, head);
  }
}

/** Before the first batch. */
const NO_HEAD: SealHead = { ...EMPTY_TREE, from: 0 };

/** Each version once, sorted: sealers that were told of the same objects stage the same bytes. */
function eachOnce(versions: Iterable<ObjectVersion>): ObjectVersion[] {
  const byName = new Map<string, ObjectVersion>();
  for (const version of versions) if (isSealedKey(version.key)) byName.set(versionName(version), version);
  return [...byName.values()].sort((a, b) => compare(a.key, b.key) || compare(a.versionId, b.versionId));
}

function compare(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}
