import {
  CHECKPOINT_PATH,
  TiledTree,
  eventProof,
  eventsRoot,
  openCheckpoint,
  parseCheckpoint,
  parseNote,
} from '../../lib/ledger';
import type { Checkpoint, NoteVerifier, ObjectLeaf } from '../../lib/ledger';
import { readSealedEvent } from '../../lib/event/read-sealed';
import type { AuditEvent } from '../../lib/event/schema';
import { formatEvidence } from '../../lib/ledger/evidence';
import { EvidenceUnavailable } from './error';
import type { FoundEvent } from './find-event';
import { findLeaves, type FoundLeaf } from './find-leaf';
import { decodeObjectEvents, type ObjectEvents } from './object-events';
import type { EvidenceSource } from './source';

/** Evidence for an event, and what it is about. */
export interface Proof {
  /** The file. */
  readonly evidence: Buffer;
  readonly uid: string;
  readonly object: string;
  readonly leafIndex: number;
  readonly checkpoint: Checkpoint;
}

export interface ProveOptions {
  /** The trail that the event was found in. */
  readonly source: EvidenceSource;
  /** The log's key, to check the checkpoint's signature with. @default the signature is not checked */
  readonly key?: NoteVerifier | undefined;
}

/**
 * Gathers the evidence for an event of a trail. All that it is made of is checked on the way: the event against its
 * fingerprint, the object against its leaf, the leaf against the checkpoint's tree.
 *
 * @throws EvidenceUnavailable, ServiceError, LedgerError if the ledger itself is damaged
 */
export async function proveEvent(event: FoundEvent, { source, key }: ProveOptions): Promise<Proof> {
  const { ledger } = source;
  const note = await ledger.read(CHECKPOINT_PATH);
  if (note === undefined) throw notSealed(event, 'the trail has no ledger yet');
  const checkpoint = key === undefined ? parseCheckpoint(parseNote(note).text) : openCheckpoint(note, [key], key.name);

  const tree = await TiledTree.open(ledger, checkpoint);
  const leaves = await findLeaves(source, tree, event.objects);
  if (leaves.length === 0) throw notSealed(event, `the ledger has ${checkpoint.size} leaves, and none of it`);
  const { index, leaf, objectEvents } = await sealedObject(source, leaves, event.fingerprint);

  const eventIndex = objectEvents.fingerprints.indexOf(event.fingerprint);
  const evidence = formatEvidence({
    event: await truthfulEvent(objectEvents, eventIndex, event),
    eventIndex,
    eventProof: eventProof(objectEvents.fingerprints, eventIndex),
    leaf,
    leafIndex: index,
    leafProof: await tree.inclusionProof(index),
    checkpoint: note,
  });
  return { evidence, uid: event.uid, object: leaf.key, leafIndex: index, checkpoint };
}

/** The object of the first leaf that it still fits: of an event that was delivered twice, one is enough. */
async function sealedObject(
  source: EvidenceSource,
  leaves: readonly FoundLeaf[],
  fingerprint: string,
): Promise<SealedObject> {
  const problems: string[] = [];
  for (const { index, leaf } of leaves) {
    const bytes = await source.read(leaf);
    if (bytes === undefined) {
      problems.push(`${leaf.key}, version ${leaf.versionId}, is gone`);
      continue;
    }
    const objectEvents = await decodeObjectEvents(leaf.key, bytes);
    const problem = misfitOf(objectEvents, leaf, fingerprint);
    if (problem === undefined) return { index, leaf, objectEvents };
    problems.push(`${leaf.key} ${problem}`);
  }
  throw new EvidenceUnavailable(`${problems.join('; ')}: audit-proxy verify tells more`);
}

interface SealedObject extends FoundLeaf {
  readonly objectEvents: ObjectEvents;
}

function misfitOf({ sha256, fingerprints }: ObjectEvents, leaf: ObjectLeaf, fingerprint: string): string | undefined {
  if (sha256 !== leaf.sha256) return 'is not the object that was sealed: its bytes were changed';
  if (leaf.events === undefined) return 'was sealed without its events, which could not be read';
  if (eventsRoot(fingerprints).root !== leaf.events.root) return 'was sealed with other events than it holds';
  if (!fingerprints.includes(fingerprint)) return 'holds another event with this uid';
  return undefined;
}

/** Nobody would accept an event that is not what its fingerprint says. */
async function truthfulEvent({ event }: ObjectEvents, index: number, { uid }: FoundEvent): Promise<AuditEvent> {
  try {
    return readSealedEvent(JSON.stringify(await event(index))).event;
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    throw new EvidenceUnavailable(`${uid} is not an event as its writer sealed it: ${error.message}`);
  }
}

function notSealed({ uid, objects }: FoundEvent, why: string): EvidenceUnavailable {
  return new EvidenceUnavailable(
    `the event ${uid} is not sealed yet: it is in ${objects.join(' and ')}, and ${why}. ` +
      'Objects are sealed about a minute after they were delivered: try again then. If it stays so, the sealer is ' +
      'behind or has stopped',
  );
}
