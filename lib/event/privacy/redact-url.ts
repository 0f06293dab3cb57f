import { isSecretName, looksSecret, REDACTED } from './secrets';

/** Redacts a percent-encoded query (without `?`): values whose name or shape looks like a secret. */
export function redactQuery(query: string): string {
  if (query === '') return query;
  return query
    .split('&')
    .map((pair) => {
      const equals = pair.indexOf('=');
      const name = equals === -1 ? pair : pair.slice(0, equals);
      const value = equals === -1 ? '' : pair.slice(equals + 1);
      // A lone word has no name to go by: it may be a token itself, as in `/reset?dGhpcyBpcyBh…`.
      const safeName = looksSecret(decode(name)) ? REDACTED : name;
      if (value === '') return equals === -1 ? safeName : `${safeName}=`;
      const secret = isSecretName(decode(name)) || hidesSecret(decode(value));
      return `${safeName}=${secret ? REDACTED : value}`;
    })
    .join('&');
}

/** A value may carry a URL or a query of its own (`redirect=/x?token=…`): what is inside counts too. */
function hidesSecret(value: string): boolean {
  if (looksSecret(value)) return true;
  return [...value.matchAll(/[?&;{,"']?([\w.[\]-]+)["']?\s*[=:]\s*["']?[^&;,"'\s]/g)].some(
    ([, name]) => name !== undefined && isSecretName(name),
  );
}

/** Redacts path segments that have the shape of a secret, or follow a segment named like one (`/reset-token/abc`). */
export function redactPath(path: string): string {
  const segments = path.split('/');
  return segments
    .map((segment, i) => {
      const text = decode(segment);
      // Matrix parameters: `/orders;jsessionid=…`
      if (looksSecret(text) || /;/.test(text) || (i > 0 && followsSecretName(decode(segments[i - 1] ?? ''), text))) {
        return text.includes(';') && !looksSecret(text) ? redactMatrix(segment) : REDACTED;
      }
      return segment;
    })
    .join('/');
}

/** Words that announce a secret in the next segment; plain nouns such as `sessions` or `keys` list things by id. */
const ANNOUNCES =
  /^(?:(?:reset|invite|invitation|magic|verify|verification|access|auth|api)[-_]?)?(?:token|password|secret|apikey|otp)s?$/i;

function followsSecretName(previous: string, segment: string): boolean {
  return segment !== '' && ANNOUNCES.test(previous);
}

function redactMatrix(segment: string): string {
  const [head = '', ...parameters] = segment.split(/;|%3b/i);
  return [head, ...parameters.map((parameter) => redactQuery(parameter))].join(';');
}

/** Redacts the query and fragment of a URL as it stands in a Referer, Location or Origin header. */
export function redactUrl(url: string): string {
  const fragment = url.indexOf('#');
  const withoutFragment = fragment === -1 ? url : url.slice(0, fragment); // never needed, often a token
  const mark = withoutFragment.indexOf('?');
  const base = mark === -1 ? withoutFragment : withoutFragment.slice(0, mark);
  const query = mark === -1 ? '' : '?' + redactQuery(withoutFragment.slice(mark + 1));
  const authority = /^([a-z][a-z0-9+.-]*:)?\/\/[^/]*/i.exec(base)?.[0] ?? '';
  return authority.replace(/\/\/[^/]*@/, '//') + redactPath(base.slice(authority.length)) + query;
}

function decode(text: string): string {
  let decoded = text.replaceAll('+', ' ');
  // Twice: a value inside a value is encoded twice.
  for (let i = 0; i < 2; i += 1) {
    try {
      decoded = decodeURIComponent(decoded);
    } catch {
      return decoded;
    }
  }
  return decoded;
}
