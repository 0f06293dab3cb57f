import { encodeLeaf } from '../leaf/object-leaf';
import type { TreeHead } from '../merkle/proof';
import { each } from './each';
import type { SealHead } from './head';
import { versionName, type ObjectFacts, type ObjectInspector, type ObjectVersion } from './objects';
import type { SealReport } from './report';
import { isSame } from './signed-checkpoint';

const OBJECTS_AT_ONCE = 48;

/** An object version and its entry in the log. */
export interface InspectedVersion {
  readonly version: ObjectVersion;
  readonly entry: Buffer;
}

/** How far a batch has come, kept while it begins again: each object is read once, and what we won is known. */
export class Progress {
  private readonly entries = new Map<string, Buffer>();
  private readonly unreadable = new Map<string, string>();
  private readonly missing = new Map<string, ObjectVersion>();
  private failed: { readonly version: ObjectVersion; readonly error: unknown }[] = [];
  private readonly proposals: { readonly head: SealHead; readonly versions: readonly ObjectVersion[] }[] = [];
  private readonly sealed: ObjectVersion[] = [];

  constructor(
    readonly versions: readonly ObjectVersion[],
    private readonly inspector: ObjectInspector,
  ) {}

  /** The leaves of those that can be read, in the same order. One that cannot does not hold up the others. */
  async leavesOf(versions: readonly ObjectVersion[]): Promise<InspectedVersion[]> {
    this.failed = [];
    await each(versions, OBJECTS_AT_ONCE, async (version) => {
      const name = versionName(version);
      if (this.entries.has(name) || this.missing.has(name)) return;
      try {
        this.note(version, await this.inspector.inspect(version));
      } catch (error) {
        this.failed.push({ version, error });
      }
    });
    return versions.flatMap((version) => {
      const entry = this.entries.get(versionName(version));
      return entry === undefined ? [] : [{ version, entry }];
    });
  }

  /** Remembers what we try to make of the log. The answer can be lost: then `head` tells that it was we who won. */
  propose(head: SealHead, versions: readonly ObjectVersion[]): void {
    this.proposals.push({ head, versions });
  }

  /** Compares what `head` is with what we proposed. */
  noteHead(head: SealHead): void {
    const won = this.proposals.findIndex((proposal) => isSame(proposal.head, head) && proposal.head.from === head.from);
    if (won !== -1) this.sealed.push(...this.proposals.splice(won, 1)[0]!.versions);
  }

  /** @param head the tree as it is now */
  report(head: TreeHead): SealReport {
    const { versions, sealed, failed } = this;
    const missing = [...this.missing.values()];
    return {
      head: { size: head.size, root: head.root },
      sealed,
      known: versions.length - sealed.length - missing.length - failed.length,
      missing,
      unreadable: sealed.flatMap((version) => {
        const reason = this.unreadable.get(versionName(version));
        return reason === undefined ? [] : [{ version, reason }];
      }),
      failed,
    };
  }

  private note(version: ObjectVersion, facts: ObjectFacts | undefined): void {
    const name = versionName(version);
    if (facts === undefined) {
      this.missing.set(name, version);
      return;
    }
    const { size, sha256, events, unreadable } = facts;
    this.entries.set(name, encodeLeaf({ ...version, size, sha256, ...(events && { events }) }));
    if (unreadable !== undefined) this.unreadable.set(name, unreadable);
  }
}
