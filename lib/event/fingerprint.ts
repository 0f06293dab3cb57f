import { createHash } from 'node:crypto';
import { canonicalize } from './canonical';
import type { AuditEvent } from './schema';

/** An OCSF fingerprint object as events carry it. */
export type Fingerprint = AuditEvent['attestation_list'][number]['fingerprint'];

/** Wraps a hex SHA-256 over a canonical form as an OCSF fingerprint. */
export function fingerprintObject(value: string): Fingerprint {
  return { algorithm_id: 3, algorithm: 'SHA-256', encoding_id: 1, serialization_id: 2, value };
}

/** An event whose attestation still lacks its fingerprint. */
export type UnsealedEvent = Omit<AuditEvent, 'attestation_list'> & {
  readonly attestation_list: readonly Omit<AuditEvent['attestation_list'][number], 'fingerprint'>[];
};

/**
 * The fingerprint of an event: SHA-256, in lower-case hex, over its canonical form without the fingerprint itself
 * (OCSF profile record_integrity: "excluding fingerprint and signatures").
 */
export function fingerprintOf(event: AuditEvent | UnsealedEvent): string {
  const attestation_list = event.attestation_list.map((attestation) => ({ ...attestation, fingerprint: undefined }));
  return createHash('sha256')
    .update(canonicalize({ ...event, attestation_list }))
    .digest('hex');
}
