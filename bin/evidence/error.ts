/** Why no evidence can be given, and what to do about it; for people. */
export class EvidenceUnavailable extends Error {
  override readonly name = 'EvidenceUnavailable';
}
