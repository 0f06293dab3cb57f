/**
 * Decodes standard base64 (RFC 4648, section 4) with its padding. Node ignores what it cannot read, and spare bits: here
 * only the one spelling of the bytes counts, so that no character of a signed text can be altered unseen.
 *
 * @returns undefined if it is not that
 */
export function decodeBase64(text: string): Buffer | undefined {
  const bytes = Buffer.from(text, 'base64');
  return bytes.toString('base64') === text ? bytes : undefined;
}
