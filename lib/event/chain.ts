import { cleanEvent } from './clean';
import { fingerprintObject, fingerprintOf, type UnsealedEvent } from './fingerprint';
import type { AuditEvent } from './schema';

/** What a writer says of an event; the chain adds sequence, previous event and fingerprint. */
export type EventDraft = Omit<AuditEvent, 'attestation_list' | 'metadata'> & {
  readonly metadata: Omit<AuditEvent['metadata'], 'sequence'>;
};

/** An event that nobody can change any more without the fingerprint telling, with its bytes. */
export interface SealedEvent {
  readonly event: AuditEvent;
  readonly uid: string;
  readonly fingerprint: string;
  /** The event as JSON in UTF-8, one line without a line break: what goes to a sink. */
  readonly line: string;
}

/**
 * The hash chain of one writer (one function environment). Each event names the one before it, so that an event
 * that is changed, removed or put elsewhere shows.
 */
export class Chain {
  private sequence = 0;
  private previous: AuditEvent['attestation_list'][number]['prev_event'];
  private unconfirmed: { uid: string; fingerprint: string }[] = [];

  /** @param uid names the chain; one per writer and start, e.g. a random UUID. */
  constructor(readonly uid: string) {}

  /** Number of events sealed so far. */
  get length(): number {
    return this.sequence;
  }

  /** Says that an event got no acknowledgement; the next event will name it (`unmapped.unconfirmed`). */
  noteUnconfirmed(sealed: SealedEvent): void {
    this.unconfirmed.push({ uid: sealed.uid, fingerprint: sealed.fingerprint });
  }

  /**
   * Puts an event into the chain: cleans it, numbers it, links it and takes its fingerprint.
   *
   * @throws TypeError if the draft does not fit the schema; the chain is then as it was.
   */
  seal(draft: EventDraft): SealedEvent {
    let cut = false;
    const numbered = {
      ...draft,
      metadata: { ...draft.metadata, sequence: this.sequence },
      attestation_list: [{ chain_uid: this.uid, prev_event: this.previous }],
      unmapped: { ...draft.unmapped, unconfirmed: this.unconfirmed },
    };
    let unsealed = cleanEvent(numbered, () => (cut = true)) as UnsealedEvent;
    if (cut) unsealed = markTruncated(unsealed, numbered);

    const fingerprint = fingerprintOf(unsealed);
    const event: AuditEvent = {
      ...unsealed,
      attestation_list: unsealed.attestation_list.map((attestation) => ({
        ...attestation,
        fingerprint: fingerprintObject(fingerprint),
      })),
    };
    this.sequence += 1;
    this.previous = {
      uid: event.metadata.uid,
      type_uid: event.type_uid,
      fingerprint: fingerprintObject(fingerprint),
    };
    this.unconfirmed = [];
    return { event, uid: event.metadata.uid, fingerprint, line: JSON.stringify(event) };
  }
}

function markTruncated(event: UnsealedEvent, original: unknown): UnsealedEvent {
  const untruncated_size = Buffer.byteLength(JSON.stringify(original));
  return { ...event, metadata: { ...event.metadata, is_truncated: true, untruncated_size } };
}
