import { readSealedEvent } from '../../event/read-sealed';
import type { SealedEvent } from '../../event/chain';
import { openCheckpoint, type Checkpoint } from '../checkpoint/checkpoint';
import type { NoteVerifier } from '../checkpoint/key';
import { verifyTlogProof } from '../checkpoint/tlog-proof';
import { verifyEvent } from '../leaf/events';
import { encodeLeaf, type EventsRoot, type ObjectLeaf } from '../leaf/object-leaf';
import { EvidenceError, inStep } from './error';
import { parseEvidence } from './format';

/** What evidence proves, given that the key is the log's. */
export interface ProvenEvent {
  /** The event, byte for byte what its fingerprint covers. */
  readonly sealed: SealedEvent;
  /** Its place among the events of its object, from 0. */
  readonly eventIndex: number;
  /** The object that holds it. */
  readonly object: ObjectLeaf & { readonly events: EventsRoot };
  /** Index of the object's leaf in the log, from 0. */
  readonly leafIndex: number;
  /** What the key signed: the log, its size and root. */
  readonly checkpoint: Checkpoint;
}

/**
 * Checks evidence, offline. Each step hands the next one what it must show: the event's content its fingerprint, the
 * fingerprint its place in the object, the object's leaf, as the very bytes that were just used, its place in the log.
 *
 * @param bytes the file
 * @param key the log's key, pinned by the verifier; its name is the log's origin. Signatures by others count for nothing
 * @throws EvidenceError with the first step that fails
 */
export function checkEvidence(bytes: Uint8Array, key: NoteVerifier): ProvenEvent {
  const evidence = parseEvidence(bytes);
  const { eventIndex, eventProof, leaf, leafIndex, leafProof, checkpoint: note } = evidence;

  const sealed = sealedEvent(evidence.event);
  const object = withEvents(leaf);
  const verify = () => verifyEvent(sealed.fingerprint, eventIndex, object.events, eventProof);
  inStep('object', verify, 'in the tree over its events: ');

  inStep('checkpoint', () => openCheckpoint(note, [key], key.name));
  const proof = { index: leafIndex, hashes: leafProof, checkpoint: note };
  const checkpoint = inStep('ledger', () => verifyTlogProof(proof, encodeLeaf(object), [key], key.name));
  return { sealed, eventIndex, object, leafIndex, checkpoint };
}

/** The fingerprint is computed again from the content; the one in the event is a claim. */
function sealedEvent(event: object): SealedEvent {
  try {
    return readSealedEvent(JSON.stringify(event));
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    throw new EvidenceError('event', 'EVENT_MALFORMED', `not an event as its writer sealed it: ${error.message}`);
  }
}

function withEvents(leaf: ObjectLeaf): ProvenEvent['object'] {
  if (leaf.events !== undefined) return { ...leaf, events: leaf.events };
  throw new EvidenceError('object', 'EVENTS_UNKNOWN', `the ledger says nothing of events in ${leaf.key}`);
}
