import { LedgerError } from '../error';
import { HASH_SIZE, hashLeaf } from '../merkle/hash';
import { inclusionProof, verifyInclusion } from '../merkle/proof';
import { TreeHasher } from '../merkle/tree-hasher';
import type { EventsRoot } from './object-leaf';

/**
 * The small tree over the events of one object. Its leaves are the events' fingerprints in file order, each as the 32
 * bytes that its 64 hex digits stand for. An event's place in its object, and the object's leaf in the ledger, are the
 * two hops by which one event is proven without showing the others.
 */
export class EventsHasher {
  private readonly tree = new TreeHasher();

  /** Adds the next event. @param fingerprint 64 lower-case hex digits @throws LedgerError LEAF_MALFORMED */
  add(fingerprint: string): void {
    this.tree.append(fingerprintBytes(fingerprint));
  }

  /** What the object's leaf says of the events so far. */
  result(): EventsRoot {
    return { count: this.tree.size, root: this.tree.root().toString('hex') };
  }
}

/** `EventsHasher` over fingerprints that are at hand. @throws LedgerError LEAF_MALFORMED */
export function eventsRoot(fingerprints: Iterable<string>): EventsRoot {
  const hasher = new EventsHasher();
  for (const fingerprint of fingerprints) hasher.add(fingerprint);
  return hasher.result();
}

/**
 * Proves that an event stands at a place in its object.
 *
 * @param fingerprints of all events of the object, in file order
 * @param index the event's place, from 0
 * @throws LedgerError OUT_OF_RANGE, LEAF_MALFORMED
 */
export function eventProof(fingerprints: readonly string[], index: number): Buffer[] {
  return inclusionProof(
    fingerprints.map((fingerprint) => hashLeaf(fingerprintBytes(fingerprint))),
    index,
  );
}

/**
 * Checks that an event stands at a place in its object.
 *
 * @param fingerprint computed again from the event
 * @param events from the object's leaf, which itself was proven to be in the ledger
 * @throws LedgerError PROOF_INVALID, PROOF_MALFORMED, OUT_OF_RANGE, LEAF_MALFORMED
 */
export function verifyEvent(
  fingerprint: string,
  index: number,
  events: EventsRoot,
  proof: readonly Uint8Array[],
): void {
  const head = { size: events.count, root: fingerprintBytes(events.root) };
  verifyInclusion(hashLeaf(fingerprintBytes(fingerprint)), index, head, proof);
}

function fingerprintBytes(fingerprint: string): Buffer {
  const bytes = Buffer.from(fingerprint, 'hex');
  if (bytes.length === HASH_SIZE && bytes.toString('hex') === fingerprint) return bytes;
  throw new LedgerError('LEAF_MALFORMED', `not a fingerprint: ${JSON.stringify(fingerprint)}`);
}
