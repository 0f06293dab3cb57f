/**
 * How paths and queries get back into bytes where API Gateway has decoded them.
 *
 * The rule: the UTF-8 bytes of every character that RFC 3986 does not allow at that place are percent-encoded with
 * upper-case hex. In a path, unreserved characters, sub-delims, `:`, `@` and `/` stay; in a query name or value only
 * unreserved characters stay. What cannot be told from the decoded text is ambiguous, and refused:
 * - U+FFFD, which stands for bytes that were no UTF-8;
 * - in a path, `%` before two hex digits (was it decoded once or not at all?).
 *
 * @see https://www.rfc-editor.org/rfc/rfc3986#section-2
 */

const NOT_IN_PATH = /[^A-Za-z0-9._~!$&'()*+,;=:@/-]/gu;
const NOT_IN_QUERY = /[^A-Za-z0-9._~-]/gu;

/** Re-encodes a path that API Gateway decoded (HTTP API `rawPath`). */
export function encodePath(decoded: string): string {
  return decoded.replace(NOT_IN_PATH, percentEncode);
}

/** Re-encodes a query that API Gateway decoded (REST `multiValueQueryStringParameters`). A name without `=` gets one. */
export function encodeQuery(parameters: Readonly<Record<string, readonly string[] | undefined>>): string {
  return Object.entries(parameters)
    .flatMap(([name, values]) => (values ?? []).map((value) => `${encodeQueryPart(name)}=${encodeQueryPart(value)}`))
    .join('&');
}

function encodeQueryPart(text: string): string {
  return text.replace(NOT_IN_QUERY, percentEncode);
}

/** Encodes what must not stand in a request line, in a path that came as bytes: non-ASCII characters only. */
export function encodeNonAscii(path: string): string {
  return path.replace(/[^\x00-\x7f]/gu, percentEncode);
}

function percentEncode(character: string): string {
  return [...Buffer.from(character)].map((byte) => '%' + byte.toString(16).toUpperCase().padStart(2, '0')).join('');
}

/** Why a decoded path cannot be told for sure, if so. */
export function decodedPathAmbiguity(decoded: string): string | undefined {
  return (
    undecodablePath(decoded) ?? (/%[0-9A-Fa-f]{2}/.test(decoded) ? 'the path is percent-encoded twice' : undefined)
  );
}

/** Why a path, decoded or not, is not what the caller sent, if so. */
export function undecodablePath(path: string): string | undefined {
  return isUndecodable(path) ? 'the path holds bytes that are not UTF-8' : undefined;
}

/** Why a decoded query cannot be told for sure, if so. */
export function decodedQueryAmbiguity(
  parameters: Readonly<Record<string, readonly string[] | undefined>>,
): string | undefined {
  const wrong = Object.entries(parameters).some(([name, values]) => [name, ...(values ?? [])].some(isUndecodable));
  return wrong ? 'the query holds bytes that are not UTF-8' : undefined;
}

function isUndecodable(text: string): boolean {
  return text.includes('\ufffd') || !text.isWellFormed();
}

/** Why a query that came as bytes must not be forwarded. */
export function unsafeQuery(query: string): string | undefined {
  return /[^\x21-\x7e]|#/.test(query) ? 'the query holds characters that must be percent-encoded' : undefined;
}

/**
 * Why a path (percent-encoded) must not be forwarded, whatever the API: a service might normalize it into another
 * route than the one that was matched here.
 */
export function unsafePath(path: string): string | undefined {
  if (!path.startsWith('/')) return 'the path must begin with "/"';
  if (path.startsWith('//')) return 'the path must not begin with "//"';
  if (/[\x00-\x20\x7f\\#?]/.test(path)) return 'the path holds characters that must be percent-encoded';
  const dotSegment = path.split(/\/|%2f|\\|%5c/i).some((segment) => /^(?:\.|%2e){1,2}(?:(?:;|%3b).*)?$/i.test(segment));
  return dotSegment ? 'the path holds "." or ".." segments' : undefined;
}
