import type { ClaimNames } from '../identity/claim-names';
import type { PolicySettings } from '../policy/policy-settings';
import type { AssertionSettings } from './assertion';
import type { Route } from './route';

/**
 * What the proxy function is told by its environment. Constructs (and the local pipeline) write it, the function
 * reads it at start.
 */
export interface ProxySettings {
  readonly routes: readonly Route[];
  /** Names of the delivery streams that take audit events; at least one. Each function environment begins with another. */
  readonly deliveryStreams: readonly string[];
  /** Name of the bucket that takes an event directly (under `fallback/`) when the streams do not in time. */
  readonly fallbackBucket: string;
  /** How long the streams have before the event goes to the bucket as well, in milliseconds. */
  readonly hedgeDelayMs: number;
  /** Longest time that recording may hold a request, over all sinks, in milliseconds. */
  readonly recordingLimitMs: number;
  /** `cloud.provider` in events: `AWS`, or `local` for the one-machine pipeline. */
  readonly provider: 'AWS' | 'local';
  /** Largest request body that is forwarded, in bytes. */
  readonly maxBodyBytes: number;
  /** How services are told who called; undefined where they are not. */
  readonly assertion?: AssertionSettings | undefined;
  /**
   * The secret that keys pseudonyms: its ARN, or `file:` and the absolute path of a file. Undefined where no route has any.
   */
  readonly pseudonymKey?: string | undefined;
  /** Names of claims that hold in place of the usual ones; undefined where none were chosen. */
  readonly claimNames?: ClaimNames | undefined;
  /** What may pass; undefined where all may that API Gateway let in. */
  readonly policy?: PolicySettings | undefined;
  /**
   * SHA-256 of each secret that the API's stage may hand the function, 64 lower-case hex digits; at least one. An event without
   * such a secret is refused.
   */
  readonly gatewaySecretHashes: readonly string[];
}

/** Environment variable of the function that holds the settings as JSON. */
export const SETTINGS_VARIABLE = 'AUDIT_PROXY_SETTINGS';

/**
 * Default for `maxBodyBytes`: 4 MiB. A function takes 6 MB at most, bodies come as base64 (4/3), and headers need room.
 *
 * @see https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html
 */
export const DEFAULT_MAX_BODY_BYTES = 4 * 1024 * 1024;

/** Default for `hedgeDelayMs`: far above what a healthy stream takes, so that hedging is the exception. */
export const DEFAULT_HEDGE_DELAY_MS = 250;
/** Default for `recordingLimitMs`. */
export const DEFAULT_RECORDING_LIMIT_MS = 2_000;
/** `recordingLimitMs` at most: with the longest time limit of a route it must stay bearable for a caller. */
export const MAX_RECORDING_LIMIT_MS = 10_000;

export function encodeSettings(settings: ProxySettings): string {
  return JSON.stringify(settings);
}

/** @throws Error if the variable is missing or not what `encodeSettings` wrote. */
export function decodeSettings(environment: Readonly<Record<string, string | undefined>>): ProxySettings {
  const text = environment[SETTINGS_VARIABLE];
  if (text === undefined) throw new Error(`environment variable ${SETTINGS_VARIABLE} is not set`);
  const settings = JSON.parse(text) as ProxySettings;
  if (
    !Array.isArray(settings.routes) ||
    !Array.isArray(settings.deliveryStreams) ||
    settings.deliveryStreams.length === 0
  ) {
    throw new Error(`environment variable ${SETTINGS_VARIABLE} must hold routes and deliveryStreams`);
  }
  if (!Array.isArray(settings.gatewaySecretHashes) || settings.gatewaySecretHashes.length === 0) {
    throw new Error(`environment variable ${SETTINGS_VARIABLE} must hold gatewaySecretHashes`);
  }
  return settings;
}
