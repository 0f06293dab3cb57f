/** Words and versions that events carry; part of the declaration in schema.ts. */

/** Version of the OCSF schema that events follow. */
export const OCSF_VERSION = '1.9.0-dev';

/** Version of the declaration in schema.ts, carried by each event as `metadata.log_version`. */
export const SCHEMA_VERSION = '1';

/** OCSF profiles that an event uses. */
export const PROFILES = ['cloud', 'record_integrity', 'security_control', 'trace'] as const;

/** When an event must be durable, relative to the request. */
export const GUARANTEES = ['BEFORE_FORWARD', 'BEFORE_RESPONSE', 'AFTER_RESPONSE'] as const;
/** Which event of a request it is; `closing` ends a chain. */
export const PHASES = ['attempt', 'outcome', 'closing'] as const;
/** How a caller was identified. */
export const WHO_TYPES = ['iam', 'cognito', 'jwt', 'lambda', 'api_key', 'certificate', 'anonymous'] as const;

export type Guarantee = (typeof GUARANTEES)[number];
export type Phase = (typeof PHASES)[number];
export type WhoType = (typeof WHO_TYPES)[number];
