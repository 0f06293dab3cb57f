/**
 * The fingerprint that an event states of itself, of a row or a line as it was read. Nothing is verified of it: whether
 * the event has this content is another question, asked by `readSealedEvent` and by `audit-proxy verify`.
 *
 * @returns 64 lower-case hex digits
 * @throws TypeError if there is not exactly one attestation with one
 */
export function statedFingerprint(event: unknown): string {
  const { attestation_list: list } = (event ?? {}) as { readonly attestation_list?: unknown };
  if (!Array.isArray(list) || list.length !== 1) throw new TypeError('an event has not exactly one attestation');
  const { fingerprint } = (list[0] ?? {}) as { readonly fingerprint?: { readonly value?: unknown } | null };
  const value = fingerprint?.value;
  if (isFingerprint(value)) return value;
  throw new TypeError('an event has no fingerprint');
}

/** 64 lower-case hex digits. */
export function isFingerprint(value: unknown): value is string {
  return typeof value === 'string' && /^[0-9a-f]{64}$/.test(value);
}
