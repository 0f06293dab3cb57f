/** Evidence for one event, to be checked offline: see docs/evidence.md. Not part of the construct library's API. */
export { checkEvidence, type ProvenEvent } from './check';
export { EvidenceError, type EvidenceErrorCode, type EvidenceStep } from './error';
export { EVIDENCE_VERSION, formatEvidence, parseEvidence, type Evidence } from './format';
export { joinEvidence, splitEvidence } from './sections';
