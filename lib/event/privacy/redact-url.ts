import { hidden, type FieldRules } from './field-rules';
import { hidesSecret, isSecretName, looksSecret, redactText, REDACTED } from './secrets';

/**
 * Redacts a percent-encoded query (without `?`): values whose name or shape looks like a secret, and what the route's rules
 * name.
 */
export function redactQuery(query: string, rules?: FieldRules): string {
  if (query === '') return query;
  return query
    .split('&')
    .map((pair) => {
      const equals = pair.indexOf('=');
      const name = equals === -1 ? pair : pair.slice(0, equals);
      const value = equals === -1 ? '' : pair.slice(equals + 1);
      // A lone word has no name to go by: it may be a token itself, as in `/reset?dGhpcyBpcyBh…`.
      const safeName = hidesSecret(decode(name)) ? REDACTED : name;
      if (value === '') return equals === -1 ? safeName : `${safeName}=`;
      const treatment = rules?.query.get(decode(name).toLowerCase());
      if (rules !== undefined && treatment !== undefined) {
        return `${safeName}=${hidden(rules, treatment, formDecoded(value))}`;
      }
      const secret = isSecretName(decode(name)) || hidesSecret(decode(value));
      return `${safeName}=${secret ? REDACTED : value}`;
    })
    .join('&');
}

/** Redacts path segments that have the shape of a secret, or follow a segment named like one (`/reset-token/abc`). */
export function redactPath(path: string): string {
  let previous = '';
  return path
    .split('/')
    .map((segment) => {
      const text = decode(segment);
      const announced = text !== '' && ANNOUNCES.test(previous);
      previous = text;
      // A whole URL may stand in the path, with user and password (`/https://user:password@host`).
      if (announced || looksSecret(text) || /:[^:@]+@\w/.test(text)) return REDACTED;
      // Matrix parameters: `/orders;jsessionid=…`
      return text.includes(';') ? redactMatrix(segment) : hidesSecret(text) ? REDACTED : segment;
    })
    .join('/');
}

/** Words that announce a secret in the next segment; plain nouns such as `sessions` or `keys` list things by id. */
const ANNOUNCES =
  /(?:token|password|passwd|secret|api[-_]?key|magic[-_]?link|(?:^|[-_])otp)s?(?:[-_]?(?:reset|verification|confirmation))?$/i;

function redactMatrix(segment: string): string {
  return segment
    .split(/;|%3b/i)
    .map((part, i) => (i > 0 ? redactQuery(part) : hidesSecret(decode(part)) ? REDACTED : part))
    .join(';');
}

/** Redacts the query and fragment of a URL as it stands in a Referer, Location or Origin header. */
export function redactUrl(url: string, rules?: FieldRules): string {
  const [withoutFragment = ''] = url.trim().split('#', 1); // A fragment is never needed, and often a token.
  const mark = withoutFragment.indexOf('?');
  const base = mark === -1 ? withoutFragment : withoutFragment.slice(0, mark);
  const query = mark === -1 ? '' : '?' + redactQuery(withoutFragment.slice(mark + 1), rules);
  const authority = /^([a-z][a-z0-9+.-]*:)?\/\/[^/]*/i.exec(base)?.[0] ?? '';
  // What begins neither with a host nor with a slash may be anything.
  if (authority === '' && !base.startsWith('/')) return redactText(base) + query;
  return redactText(authority.replace(/\/\/[^/]*@/, '//')) + redactPath(base.slice(authority.length)) + query;
}

/** A name or value of a query or form, as the service reads it (https://url.spec.whatwg.org/#urlencoded-parsing). */
export function formDecoded(text: string): string {
  const spaced = text.replaceAll('+', ' ');
  try {
    return decodeURIComponent(spaced);
  } catch {
    return spaced;
  }
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
