import { hiddenHeader, type FieldRules } from './field-rules';
import { hidesSecretBeyondDoubt, redactText } from './hidden-secrets';
import { redactUrl } from './redact-url';
import { REDACTED } from './secrets';

/** A header field as it came: name and value. */
export type HeaderPair = readonly [name: string, value: string];

/**
 * The headers that are written to the log. All others are left out: Authorization, cookies and API keys can so never
 * get in, nor can a header that somebody invents tomorrow. User-Agent, Referer and X-Forwarded-For have fields of
 * their own.
 */
export const RECORDED_REQUEST_HEADERS: ReadonlySet<string> = new Set([
  'accept', 'accept-encoding', 'accept-language', 'cache-control', 'content-encoding', 'content-length', 'content-type',
  'forwarded', 'host', 'if-match', 'if-modified-since', 'if-none-match', 'if-unmodified-since', 'origin', 'prefer', 'range',
  'traceparent', 'via', 'x-amzn-trace-id', 'x-forwarded-port', 'x-forwarded-proto', 'x-requested-with',
]); // prettier-ignore

export const RECORDED_RESPONSE_HEADERS: ReadonlySet<string> = new Set([
  'allow', 'cache-control', 'content-disposition', 'content-encoding', 'content-language', 'content-length',
  'content-range', 'content-type', 'etag', 'last-modified', 'location', 'retry-after', 'server', 'vary', 'via',
]); // prettier-ignore

/**
 * Keeps what is on the allow-list or named by the route, names in lower case, values redacted where they look like a secret
 * or the route says so.
 */
export function recordedHeaders(
  headers: readonly HeaderPair[],
  allowed: ReadonlySet<string>,
  rules?: FieldRules,
): { name: string; value: string }[] {
  const recorded: { name: string; value: string }[] = [];
  for (const [rawName, rawValue] of headers) {
    const name = rawName.toLowerCase();
    if (rawValue === '' || !(allowed.has(name) || isAdded(name, rules))) continue;
    recorded.push({ name, value: hiddenHeader(rules, name, rawValue) ?? recordedValue(name, rawValue, rules) });
  }
  return recorded;
}

/** By a rule that leaves something of it: to redact what is not recorded anyway adds nothing. */
function isAdded(name: string, rules: FieldRules | undefined): boolean {
  const treatment = rules?.headers.get(name);
  return treatment !== undefined && treatment !== 'redact';
}

const URL_HEADERS = new Set(['location', 'origin']);
/** Random by nature, and no credentials. */
const OPAQUE_HEADERS = new Set(['etag', 'if-match', 'if-none-match', 'traceparent', 'x-amzn-trace-id']);

function recordedValue(name: string, value: string, rules: FieldRules | undefined): string {
  if (URL_HEADERS.has(name)) return redactUrl(value, rules);
  if (OPAQUE_HEADERS.has(name)) return hidesSecretBeyondDoubt(value) ? REDACTED : value;
  return name === 'content-type' ? redactMediaType(value) : redactText(value);
}

/** A media type whose parameters are looked at one by one: the boundary of a multipart body is random. */
export function redactMediaType(value: string): string {
  return value.split(';').map(redactText).join(';');
}
