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

/** Path of the API at which the public keys are (RFC 7517, RFC 8615). It is answered by the proxy, and recorded. */
export const JWKS_PATH = '/.well-known/audit-proxy/jwks.json';

/** `typ` of an assertion, so that no other kind of token passes for one (RFC 8725 section 3.11). */
export const ASSERTION_TYPE = 'audit-proxy-assertion+jwt';

/** Signatures are Ed25519 (RFC 8037). */
export const ASSERTION_ALGORITHM = 'EdDSA';

export const DEFAULT_ASSERTION_LIFETIME_SECONDS = 60;
export const MAX_ASSERTION_LIFETIME_SECONDS = 300;

/** How an issuer may look: a name or a URL, as `iss` is a StringOrURI (RFC 7519 section 4.1.1). */
export const ISSUER = /^[\w./:-]{1,200}$/;
