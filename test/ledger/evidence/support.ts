import { createHash, generateKeyPairSync } from 'node:crypto';
import { expect } from 'vitest';
import { Chain, type SealedEvent } from '../../../lib/event/chain';
import {
  TiledTree,
  encodeLeaf,
  eventProof,
  eventsRoot,
  localSigner,
  signCheckpoint,
  type NoteSigner,
  type ObjectLeaf,
} from '../../../lib/ledger';
import { EvidenceError, type Evidence } from '../../../lib/ledger/evidence';
import { sealRequest } from '../../support/sample-events';
import { ledgerOf } from '../support';

export const ORIGIN = 'example.com/ledger';

export function newSigner(origin = ORIGIN): NoteSigner {
  return localSigner(origin, generateKeyPairSync('ed25519').privateKey);
}

/** Events of one chain. */
export function sealedEvents(count: number, chain = 'chain'): SealedEvent[] {
  const writer = new Chain(chain);
  const events: SealedEvent[] = [];
  while (events.length < count) events.push(...sealRequest(writer));
  return events.slice(0, count);
}

export function leafOf(name: string, events?: readonly SealedEvent[]): ObjectLeaf {
  return {
    key: `events/dt=2026-11-24/hour=07/${name}.parquet`,
    versionId: `version-of-${name}`,
    size: 4_711,
    sha256: createHash('sha256').update(name).digest('hex'),
    ...(events && { events: eventsRoot(events.map(({ fingerprint }) => fingerprint)) }),
  };
}

/** A ledger over objects that are lists of events, with a signed checkpoint. */
export class EvidenceWorld {
  private constructor(
    readonly objects: readonly (readonly SealedEvent[])[],
    readonly leaves: readonly ObjectLeaf[],
    readonly checkpoint: Buffer,
    private readonly tree: TiledTree,
  ) {}

  static async create(
    objects: readonly (readonly SealedEvent[])[],
    signer: NoteSigner,
    origin = ORIGIN,
  ): Promise<EvidenceWorld> {
    const leaves = objects.map((events, i) => leafOf(String(i), events));
    const { ledger, head } = ledgerOf(leaves.map(encodeLeaf));
    const checkpoint = await signCheckpoint({ origin, size: head.size, root: head.root }, [signer]);
    return new EvidenceWorld(objects, leaves, checkpoint, await TiledTree.open(ledger, head));
  }

  async evidence(leafIndex: number, eventIndex: number): Promise<Evidence> {
    const events = this.objects[leafIndex]!;
    return {
      event: events[eventIndex]!.event,
      eventIndex,
      eventProof: eventProof(
        events.map(({ fingerprint }) => fingerprint),
        eventIndex,
      ),
      leaf: this.leaves[leafIndex]!,
      leafIndex,
      leafProof: await this.tree.inclusionProof(leafIndex),
      checkpoint: this.checkpoint,
    };
  }
}

/** Step and code of the EvidenceError that a call throws, e.g. `object PROOF_INVALID`; fails on anything else. */
export function refusalOf(call: () => unknown): string {
  try {
    call();
  } catch (error) {
    if (error instanceof EvidenceError) return `${error.step} ${error.code}`;
    throw error;
  }
  return expect.fail('it was accepted');
}
