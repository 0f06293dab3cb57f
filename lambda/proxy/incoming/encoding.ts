import { isUndecodable, percentEncode } from '../../../lib/routing/path-encoding';

/**
 * How queries get back into bytes where API Gateway has decoded them; paths are in path-encoding.ts.
 *
 * The rule: the UTF-8 bytes of every character that RFC 3986 does not allow at that place are percent-encoded with
 * upper-case hex; in a query name or value only unreserved characters stay. U+FFFD stands for bytes that were no UTF-8, so
 * that the query cannot be told: it is ambiguous, and refused.
 *
 * @see https://www.rfc-editor.org/rfc/rfc3986#section-2
 */

const NOT_IN_QUERY = /[^A-Za-z0-9._~-]/gu;

/** Re-encodes a query that API Gateway decoded (REST `multiValueQueryStringParameters`). A name without `=` gets one. */
export function encodeQuery(parameters: Readonly<Record<string, readonly string[] | undefined>>): string {
  return Object.entries(parameters)
    .flatMap(([name, values]) => (values ?? []).map((value) => `${encodeQueryPart(name)}=${encodeQueryPart(value)}`))
    .join('&');
}

function encodeQueryPart(text: string): string {
  return text.replace(NOT_IN_QUERY, percentEncode);
}

/** Why a decoded query cannot be told for sure, if so. */
export function decodedQueryAmbiguity(
  parameters: Readonly<Record<string, readonly string[] | undefined>>,
): string | undefined {
  const wrong = Object.entries(parameters).some(([name, values]) => [name, ...(values ?? [])].some(isUndecodable));
  return wrong ? 'the query holds bytes that are not UTF-8' : undefined;
}

/** Why a query that came as bytes must not be forwarded. */
export function unsafeQuery(query: string): string | undefined {
  return /[^\x21-\x7e]|#/.test(query) ? 'the query holds characters that must be percent-encoded' : undefined;
}
