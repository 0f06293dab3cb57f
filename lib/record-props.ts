import type { Size } from 'aws-cdk-lib';

/**
 * What is recorded of a route's requests beyond the usual, and what less.
 *
 * Authorization, cookies, API keys and whatever looks like a secret are never recorded, whatever stands here.
 */
export interface RecordProps {
  /**
   * Names of headers, of requests and answers, that are recorded beside the usual ones. None that holds a secret.
   *
   * @default - the usual ones only
   */
  readonly headers?: string[];

  /**
   * Values in whose place `[redacted]` is recorded.
   *
   * @default - none but what looks like a secret
   */
  readonly redact?: PrivateFields;

  /**
   * Values in whose place a pseudonym is recorded: the same for the same value, by a key that the trail keeps in Secrets
   * Manager (HMAC-SHA256), so that a value can be searched for without being stored. In a VPC the function must also reach
   * Secrets Manager.
   *
   * @default - none
   */
  readonly pseudonymize?: PrivateFields;

  /**
   * Whether bodies are recorded.
   *
   * @default - they are not, only their length and SHA-256
   */
  readonly capture?: CaptureProps;
}

/** Values that are kept private, by where they stand. Case does not count. */
export interface PrivateFields {
  /**
   * Names of headers, of requests and answers.
   *
   * @default - none
   */
  readonly headers?: string[];

  /**
   * Names of query values; they hold for Referer and Location too.
   *
   * @default - none
   */
  readonly query?: string[];

  /**
   * JSON pointers (RFC 6901) into captured bodies, JSON or forms, e.g. `/customer/email`; a segment `*` takes every member or
   * element, e.g. `/items/*`. Only with `capture`.
   *
   * @default - none
   */
  readonly body?: string[];
}

/** Which bodies are recorded. */
export interface CaptureProps {
  /**
   * How bodies of requests are captured.
   *
   * @default - they are not
   */
  readonly request?: BodyCaptureProps;

  /**
   * How bodies of answers are captured.
   *
   * @default - they are not
   */
  readonly response?: BodyCaptureProps;

  /**
   * JSON pointers (RFC 6901) to the parts of bodies, JSON or forms, that are recorded, e.g. `/order/id`; a segment `*` takes
   * every member or element. Everything else is left out. Recommended wherever bodies are captured: a member that a service
   * adds later is not recorded until somebody decides that it is.
   *
   * @default - all parts, redacted
   */
  readonly only?: string[];
}

/** What a route accepts that captures bodies of types other than JSON and forms. */
export enum CaptureRisk {
  /**
   * Redaction can only guess what is a secret in such bodies, so that secrets may be stored, and stay in the locked log until
   * the retention ends.
   */
  SECRETS_MAY_BE_STORED = 'secrets may be stored',
}

/** How bodies are captured: decompressed, redacted, then cut. */
export interface BodyCaptureProps {
  /**
   * Content types that are captured, without parameters; `*` stands for any characters but a slash. Text in UTF-8 only. Types
   * other than JSON and forms need `acceptRisk`.
   *
   * @default - JSON (`application/json`, any `+json`) and forms (`application/x-www-form-urlencoded`)
   */
  readonly contentTypes?: string[];

  /**
   * Must be set to capture content types other than JSON and forms.
   *
   * @default - only JSON and forms can be captured
   */
  readonly acceptRisk?: CaptureRisk;

  /**
   * What is longer, once redacted, is cut to this size, and marked. Over 32 KiB it lies beside the events, under `payloads/`.
   * From 1 byte to 1 MiB; bodies over 1 MiB are not captured.
   *
   * @default Size.kibibytes(64)
   */
  readonly maxSize?: Size;
}
