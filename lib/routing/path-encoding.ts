/**
 * Percent-encoding of paths.
 *
 * The UTF-8 bytes of every character that RFC 3986 does not allow in a path are encoded with upper-case hex; unreserved
 * characters, sub-delims, `:`, `@` and `/` stay.
 *
 * @see https://www.rfc-editor.org/rfc/rfc3986#section-3.3
 */

const NOT_IN_PATH = /[^A-Za-z0-9._~!$&'()*+,;=:@/-]/gu;

/** Encodes a decoded path. */
export function encodePath(decoded: string): string {
  return decoded.replace(NOT_IN_PATH, percentEncode);
}

/** Encodes what must not stand in a request line, in a path that came as bytes: non-ASCII characters only. */
export function encodeNonAscii(path: string): string {
  return path.replace(/[^\x00-\x7f]/gu, percentEncode);
}

/** The percent-encoded UTF-8 bytes of a character. */
export function percentEncode(character: string): string {
  return [...Buffer.from(character)].map((byte) => '%' + byte.toString(16).toUpperCase().padStart(2, '0')).join('');
}

/** Decodes once. Bytes that are not UTF-8 become U+FFFD; a `%` that begins no encoded byte stays. */
export function decodePath(path: string): string {
  if (!path.includes('%')) return path;
  return path.replace(/(?:%[0-9A-Fa-f]{2})+/g, (run) => Buffer.from(run.replaceAll('%', ''), 'hex').toString('utf8'));
}

/** Decodes once, segment by segment: an encoded slash stays, as `%2F`. */
export function decodeSegments(path: string): string {
  return path.split(/%2f/i).map(decodePath).join('%2F');
}

/** Why a path that API Gateway decoded cannot be told for sure, if so: was a `%` decoded once or not at all? */
export function decodedPathAmbiguity(decoded: string): string | undefined {
  return (
    undecodablePath(decoded) ?? (/%[0-9A-Fa-f]{2}/.test(decoded) ? 'the path is percent-encoded twice' : undefined)
  );
}

/** Why a path, decoded or not, is not what the caller sent, if so. */
export function undecodablePath(path: string): string | undefined {
  return isUndecodable(path) ? 'the path holds bytes that are not UTF-8' : undefined;
}

/** Whether a text holds U+FFFD, which stands for bytes that were no UTF-8. */
export function isUndecodable(text: string): boolean {
  return text.includes('\ufffd') || !text.isWellFormed();
}
