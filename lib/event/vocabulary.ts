/** Words and versions that events carry; part of the declaration in schema.ts. */

/** Version of the OCSF schema that events follow; the first that has the profile `record_integrity`. */
export const OCSF_VERSION = '1.9.0';

/** Version of the declaration in schema.ts, carried by each event as `metadata.log_version`. */
export const SCHEMA_VERSION = '1';

/** OCSF profiles that an event uses. */
export const PROFILES = ['cloud', 'record_integrity', 'security_control', 'trace'] as const;

/** When an event must be durable, relative to the request. */
export const GUARANTEES = ['BEFORE_FORWARD', 'BEFORE_RESPONSE', 'AFTER_RESPONSE'] as const;
/** Which event of a request it is; `closing` ends a chain. */
export const PHASES = ['attempt', 'outcome', 'closing'] as const;
/** How a caller of the API was identified. */
export const CALLER_TYPES = ['iam', 'cognito', 'jwt', 'lambda', 'api_key', 'certificate', 'anonymous'] as const;
/** How whoever invoked the function was identified; `unverified` where that was not through the API. */
export const WHO_TYPES = [...CALLER_TYPES, 'unverified'] as const;

export type Guarantee = (typeof GUARANTEES)[number];
export type Phase = (typeof PHASES)[number];
export type WhoType = (typeof WHO_TYPES)[number];

/**
 * Why a body was not captured (whole), where its route asks for it.
 *
 * - `content_type`: it has none of the content types that the route takes, or does not say which it has
 * - `compressed`: by a coding other than gzip, deflate or br, or by several
 * - `too_large`: decompressed it is larger than what is looked at (1 MiB)
 * - `not_text`: its bytes are no UTF-8, so that nothing in it can be redacted
 * - `not_parseable`: it is not what its content type says, or is damaged
 * - `not_redactable`: pointers name parts of it, and its content type has no such parts
 * - `not_stored`: the bucket did not take it; its beginning stands in the event
 * - `failed`: a fault of the proxy itself
 */
export const NOT_CAPTURED = [
  'content_type', 'compressed', 'too_large', 'not_text', 'not_parseable', 'not_redactable', 'not_stored', 'failed',
] as const; // prettier-ignore

export type NotCaptured = (typeof NOT_CAPTURED)[number];
