import { hiddenHeader, type FieldRules } from './privacy/field-rules';
import { RECORDED_REQUEST_HEADERS, recordedHeaders, type HeaderPair } from './privacy/headers';
import { hidesSecretBeyondDoubt, redactText } from './privacy/hidden-secrets';
import { redactPath } from './privacy/redact-path';
import { redactQuery } from './privacy/redact-query';
import { redactUrl } from './privacy/redact-url';
import { REDACTED } from './privacy/secrets';
import type { RequestFacts } from './request-facts';

/** What events tell of a request's text, redacted. */
type RedactedRequest = ReturnType<typeof redact>;

interface Redaction {
  readonly rules: FieldRules | undefined;
  readonly redacted: RedactedRequest;
}

const redactions = new WeakMap<RequestFacts, Redaction>();

/** Redacts a request once for all of its events: most of what an event costs is looking for secrets. */
export function redactedRequest(request: RequestFacts, rules: FieldRules | undefined): RedactedRequest {
  const known = redactions.get(request);
  if (known !== undefined && known.rules === rules) return known.redacted;
  const redacted = redact(request, rules);
  redactions.set(request, { rules, redacted });
  return redacted;
}

function redact(request: RequestFacts, rules: FieldRules | undefined) {
  const { headers } = request;
  return {
    // A caller of a REST API can choose it.
    requestUid: withoutSecretShape(request.requestUid),
    hostname: request.hostname && withoutSecretShape(request.hostname),
    path: redactPath(request.path),
    query: redactQuery(request.query, rules),
    userAgent: fieldOf(headers, 'user-agent', redactText, rules),
    referrer: fieldOf(headers, 'referer', (value) => redactUrl(value, rules), rules),
    forwardedFor: forwardedFor(headers, rules),
    headers: recordedHeaders(headers, RECORDED_REQUEST_HEADERS, rules),
  };
}

/** A header that has a field of its own. @param name in lower case */
export function fieldOf(
  headers: readonly HeaderPair[],
  name: string,
  redact: (value: string) => string,
  rules: FieldRules | undefined,
): string | undefined {
  const value = headers.find(([header]) => header.toLowerCase() === name)?.[1];
  return value && (hiddenHeader(rules, name, value) ?? redact(value));
}

/** Names and ids may well look random; what is a secret beyond doubt they are not. */
function withoutSecretShape(value: string): string {
  return hidesSecretBeyondDoubt(value) ? REDACTED : value;
}

function forwardedFor(headers: readonly HeaderPair[], rules: FieldRules | undefined): string[] {
  return headers
    .filter(([name]) => name.toLowerCase() === 'x-forwarded-for')
    .flatMap(([name, value]) => hiddenHeader(rules, name.toLowerCase(), value) ?? redactedAddresses(value));
}

/** Of a list that tells a secret only across its commas (as JSON does), nothing but addresses stays. */
function redactedAddresses(value: string): string[] {
  const tellsSecret = hidesSecretBeyondDoubt(value);
  return value
    .split(',')
    .map((address) => address.trim())
    .map((address) => (tellsSecret && !/^[0-9a-f:.[\]]+$/i.test(address) ? REDACTED : redactText(address)));
}
