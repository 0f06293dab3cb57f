import { cleanEvent } from './clean';
import { cutCapturedBodies } from './fit';
import { fingerprintObject, fingerprintOf, type UnsealedEvent } from './fingerprint';
import { MAX_RECORD_BYTES } from './record';
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

type UnconfirmedName = NonNullable<AuditEvent['unmapped']['unconfirmed']>[number];

/**
 * The hash chain of one writer (one function environment). Each event names the one before it, so that an event
 * that is changed, removed or put elsewhere shows.
 */
export class Chain {
  private sequence = 0;
  private previous: AuditEvent['attestation_list'][number]['prev_event'];
  /** Unconfirmed events by uid, oldest first, as later events name them. */
  private readonly unconfirmed = new Map<string, UnconfirmedName>();

  /** @param uid names the chain; one per writer and start, e.g. a random UUID. */
  constructor(readonly uid: string) {}

  /** Number of events sealed so far. */
  get length(): number {
    return this.sequence;
  }

  /**
   * Says that an event got no acknowledgement: the next events name it (`unmapped.unconfirmed`), until one that does is
   * confirmed. A name that nobody can read would not tell a known gap from one that somebody made.
   */
  noteUnconfirmed(sealed: SealedEvent): void {
    if (this.unconfirmed.size >= MAX_REMEMBERED) return;
    const { uid, fingerprint, event } = sealed;
    const { extended_request_id } = event.unmapped;
    this.unconfirmed.set(uid, { uid, fingerprint, ...(extended_request_id !== undefined && { extended_request_id }) });
  }

  /** Says that an event is durable, and so are the names in it. */
  noteConfirmed(sealed: SealedEvent): void {
    for (const { uid } of sealed.event.unmapped.unconfirmed ?? []) this.unconfirmed.delete(uid);
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
      unmapped: { ...draft.unmapped, unconfirmed: this.namesOfUnconfirmed() },
    };
    let unsealed = cleanEvent(numbered, () => (cut = true)) as UnsealedEvent;
    if (cut) unsealed = markTruncated(unsealed, numbered);

    let sealed = sealedOf(unsealed);
    const excess = Buffer.byteLength(sealed.line) + MARK_BYTES - MAX_RECORD_BYTES;
    if (excess > 0) {
      const fitting = cutCapturedBodies(unsealed, excess);
      if (fitting !== unsealed) sealed = sealedOf(markTruncated(fitting, numbered));
    }

    this.sequence += 1;
    this.previous = {
      uid: sealed.uid,
      type_uid: sealed.event.type_uid,
      fingerprint: fingerprintObject(sealed.fingerprint),
    };
    return sealed;
  }

  private namesOfUnconfirmed(): UnconfirmedName[] {
    const names = [];
    for (const name of this.unconfirmed.values()) {
      if (names.length === MAX_NAMED) break;
      names.push(name);
    }
    return names;
  }
}

/** Most unconfirmed events that one event names: the others follow in later ones. */
const MAX_NAMED = 50;
/** Most unconfirmed events that a writer keeps in mind: hours in which every sink was down. */
const MAX_REMEMBERED = 10_000;

/** Room for what marks an event as cut, and for the line break that follows it in a record. */
const MARK_BYTES = 100;

function sealedOf(unsealed: UnsealedEvent): SealedEvent {
  const fingerprint = fingerprintOf(unsealed);
  const event: AuditEvent = {
    ...unsealed,
    attestation_list: unsealed.attestation_list.map((attestation) => ({
      ...attestation,
      fingerprint: fingerprintObject(fingerprint),
    })),
  };
  return { event, uid: event.metadata.uid, fingerprint, line: JSON.stringify(event) };
}

function markTruncated(event: UnsealedEvent, original: unknown): UnsealedEvent {
  const untruncated_size = Buffer.byteLength(JSON.stringify(original));
  return { ...event, metadata: { ...event.metadata, is_truncated: true, untruncated_size } };
}
