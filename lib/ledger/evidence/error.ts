import { LedgerError, type LedgerErrorCode } from '../error';

/**
 * The steps of a check, in their order. All of them together lead from the event to the signature, and so to the key,
 * which is all that a verifier has to trust.
 *
 * | step | what it shows |
 * | --- | --- |
 * | `file` | the evidence is well-formed, in the one spelling that it has |
 * | `event` | the event's content has the fingerprint that it carries |
 * | `object` | an event with this fingerprint is at this place of the object that the leaf is about |
 * | `checkpoint` | the log's key signed this size and root, for this log |
 * | `ledger` | the leaf is at this index of the tree with this size and root |
 */
export type EvidenceStep = 'file' | 'event' | 'object' | 'checkpoint' | 'ledger';

/**
 * Why evidence does not prove what it says. Codes are stable: programs branch on them, messages may change. Those of
 * `LedgerError` keep their meaning, of which the step tells to what it applies; and:
 *
 * | code | means |
 * | --- | --- |
 * | `EVIDENCE_MALFORMED` | the file is a tlog-proof, but does not hold what evidence for an event holds |
 * | `EVIDENCE_VERSION_UNKNOWN` | it was written by a later version of this library |
 * | `EVENT_MALFORMED` | the event is not what any writer seals: its fields, or the fingerprint, are not its content's |
 * | `EVENTS_UNKNOWN` | the leaf is about an object of whose events the ledger says nothing |
 */
export type EvidenceErrorCode =
  LedgerErrorCode | 'EVIDENCE_MALFORMED' | 'EVIDENCE_VERSION_UNKNOWN' | 'EVENT_MALFORMED' | 'EVENTS_UNKNOWN';

/** A step of the check failed: nothing is proven. */
export class EvidenceError extends Error {
  override readonly name = 'EvidenceError';

  constructor(
    readonly step: EvidenceStep,
    readonly code: EvidenceErrorCode,
    message: string,
  ) {
    super(message);
  }
}

/**
 * Does one step; what the ledger's library finds becomes an EvidenceError of this step.
 *
 * @param where for people: in which of the trees. Default: it says so itself
 */
export function inStep<T>(step: EvidenceStep, work: () => T, where = ''): T {
  try {
    return work();
  } catch (error) {
    if (error instanceof LedgerError) throw new EvidenceError(step, error.code, where + error.message);
    throw error;
  }
}
