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
  /** As its writer sealed it. */
  readonly event: AuditEvent;
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

/** Gathers the evidence for one event. @throws as `proveEvents`, and what that returns as an error */
export async function proveEvent(event: FoundEvent, options: ProveOptions): Promise<Proof> {
  const [proof] = await proveEvents([event], options);
  if (proof instanceof Error) throw proof;
  return proof!;
}

/**
 * Gathers the evidence for events of a trail, all of it under one checkpoint; each object is read once for events of it that
 * follow each other. All that it is made of is checked on the way: the event against its fingerprint, the object against its
 * leaf, the leaf against the checkpoint's tree.
 *
 * @param at told how many events are done
 * @returns in the order of the events; an error where one cannot be proven
 * @throws EvidenceUnavailable if there is no ledger; ServiceError, LedgerError if the ledger itself is damaged
 */
export async function proveEvents(
  events: readonly FoundEvent[],
  { source, key }: ProveOptions,
  at: (done: number) => void = () => undefined,
): Promise<(Proof | EvidenceUnavailable)[]> {
  const { ledger } = source;
  const note = await ledger.read(CHECKPOINT_PATH);
  if (note === undefined) throw notSealed(events[0]!, 'the trail has no ledger yet');
  const checkpoint = key === undefined ? parseCheckpoint(parseNote(note).text) : openCheckpoint(note, [key], key.name);
  const tree = await TiledTree.open(ledger, checkpoint);
  const byKey = await findLeaves(source, tree, events.map(({ objects }) => objects)); // prettier-ignore
  const objects = new SealedObjects(source);

  const prove = async (event: FoundEvent): Promise<Proof> => {
    const leaves = event.objects.flatMap((object) => byKey.get(object) ?? []);
    if (leaves.length === 0) throw notSealed(event, `the ledger has ${checkpoint.size} leaves, and none of it`);
    const { index, leaf, objectEvents } = await sealedObject(objects, leaves, event.fingerprint);
    const eventIndex = objectEvents.fingerprints.indexOf(event.fingerprint);
    const sealed = await truthfulEvent(objectEvents, eventIndex, event);
    const evidence = formatEvidence({
      event: sealed,
      eventIndex,
      eventProof: eventProof(objectEvents.fingerprints, eventIndex),
      leaf,
      leafIndex: index,
      leafProof: await tree.inclusionProof(index),
      checkpoint: note,
    });
    return { evidence, uid: event.uid, event: sealed, object: leaf.key, leafIndex: index, checkpoint };
  };

  const proofs: (Proof | EvidenceUnavailable)[] = [];
  for (const event of events) proofs.push(await orUnavailable(prove(event)).finally(() => at(proofs.length + 1)));
  return proofs;
}

async function orUnavailable<T>(work: Promise<T>): Promise<T | EvidenceUnavailable> {
  return work.catch((error: unknown) => {
    if (error instanceof EvidenceUnavailable) return error;
    throw error;
  });
}

/** The object of the first leaf that it still fits: of an event that was delivered twice, one is enough. */
async function sealedObject(
  objects: SealedObjects,
  leaves: readonly FoundLeaf[],
  fingerprint: string,
): Promise<SealedObject> {
  const problems: string[] = [];
  for (const { index, leaf } of leaves) {
    const objectEvents = await objects.read({ index, leaf });
    if (typeof objectEvents !== 'string' && objectEvents.fingerprints.includes(fingerprint)) {
      return { index, leaf, objectEvents };
    }
    problems.push(typeof objectEvents === 'string' ? objectEvents : `${leaf.key} holds another event with this uid`);
  }
  throw new EvidenceUnavailable(`${problems.join('; ')}: audit-proxy verify tells more`);
}

interface SealedObject extends FoundLeaf {
  readonly objectEvents: ObjectEvents;
}

/** Decoded objects that are kept: an event may be in two, and its neighbors mostly are in the same ones. */
const KEPT = 3;

/** The objects that leaves are about, compared with their leaves. */
class SealedObjects {
  private readonly kept = new Map<number, ObjectEvents | string>();

  constructor(private readonly source: EvidenceSource) {}

  /** @returns what the object holds; or in words why it is not what was sealed */
  async read({ index, leaf }: FoundLeaf): Promise<ObjectEvents | string> {
    const object = this.kept.get(index) ?? (await this.open(leaf).catch(problemOf));
    this.kept.delete(index);
    this.kept.set(index, object);
    if (this.kept.size > KEPT) this.kept.delete(this.kept.keys().next().value!);
    return object;
  }

  private async open(leaf: ObjectLeaf): Promise<ObjectEvents | string> {
    const bytes = await this.source.read(leaf);
    if (bytes === undefined) return `${leaf.key}, version ${leaf.versionId}, is gone`;
    const objectEvents = await decodeObjectEvents(leaf.key, bytes);
    const problem = misfitOf(objectEvents, leaf);
    return problem === undefined ? objectEvents : `${leaf.key} ${problem}`;
  }
}

function problemOf(error: unknown): string {
  if (error instanceof EvidenceUnavailable) return error.message;
  throw error;
}

function misfitOf({ sha256, fingerprints }: ObjectEvents, leaf: ObjectLeaf): string | undefined {
  if (sha256 !== leaf.sha256) return 'is not the object that was sealed: its bytes were changed';
  if (leaf.events === undefined) return 'was sealed without its events, which could not be read';
  if (eventsRoot(fingerprints).root !== leaf.events.root) return 'was sealed with other events than it holds';
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
