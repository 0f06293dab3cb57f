/** How the proxy tells the services who called. */
export interface AssertionSettings {
  /** `iss` of every assertion: whom the services trust. */
  readonly issuer: string;
  /** ARN of the secret with the key set; or `file:` and an absolute path, for the pipeline on one machine. */
  readonly keys: string;
  /** From `iat` to `exp`, in seconds. */
  readonly lifetimeSeconds: number;
}

/** Header in which a service finds the assertion. Whatever a caller sends under `X-Audit-` is dropped. */
export const ASSERTION_HEADER = 'X-Audit-Assertion';

/** Path of the API at which the public keys are (RFC 7517). Everybody may ask; the proxy answers, and records it. */
export const JWKS_PATH = '/.audit-proxy/jwks.json';

/** `typ` of an assertion, so that no other kind of token passes for one (RFC 8725 section 3.11). */
export const ASSERTION_TYPE = 'audit-proxy-assertion+jwt';

/** Signatures are Ed25519 (RFC 8037). */
export const ASSERTION_ALGORITHM = 'EdDSA';

export const DEFAULT_ASSERTION_LIFETIME_SECONDS = 60;
export const MIN_ASSERTION_LIFETIME_SECONDS = 5;
export const MAX_ASSERTION_LIFETIME_SECONDS = 300;

/** How an issuer may look: a name or a URL, as `iss` is a StringOrURI (RFC 7519 section 4.1.1). */
const ISSUER = /^[\w./:-]{1,200}$/;

/** What is wrong with one key of what people write of assertions. */
export interface AssertionProblem {
  readonly key: 'issuer' | 'lifetime';
  readonly message: string;
}

/** Says for each wrong key what was wrong, the value, and what is allowed. */
export function checkAssertion(issuer: string | undefined, lifetimeMs: number | undefined): AssertionProblem[] {
  const problems: AssertionProblem[] = [];
  if (issuer !== undefined && !ISSUER.test(issuer)) {
    const message = `must be 1 to 200 letters, digits, or "_", ".", "-", "/", ":"; got "${issuer}"`;
    problems.push({ key: 'issuer', message });
  }
  const seconds = (lifetimeMs ?? DEFAULT_ASSERTION_LIFETIME_SECONDS * 1000) / 1000;
  const [min, max] = [MIN_ASSERTION_LIFETIME_SECONDS, MAX_ASSERTION_LIFETIME_SECONDS];
  if (!Number.isInteger(seconds) || seconds < min || seconds > max) {
    problems.push({ key: 'lifetime', message: `must be ${min} to ${max} whole seconds; got ${seconds} s` });
  }
  return problems;
}

/** The issuer unless told. @param stackName of the deployed stack; the pipeline on one machine takes the same */
export function defaultIssuer(stackName: string): string {
  return `audit-proxy/${stackName}`;
}
