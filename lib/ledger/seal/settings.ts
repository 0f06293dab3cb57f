import { isKeyName } from '../checkpoint/key';

/** What the sealer function is told by its environment. Constructs write it, the function reads it at start. */
export interface SealerSettings {
  /** Name of the trail's bucket, in which the ledger lies too. */
  readonly bucket: string;
  /** Id or ARN of the KMS key that signs: `ECC_NIST_EDWARDS25519`, usage SIGN_VERIFY. */
  readonly keyId: string;
  /** The log's name, and so its key's: not empty, no white space, no `+`; e.g. `audit.example.com/orders`. For ever. */
  readonly origin: string;
  /** How many hours back the hourly sweep looks for versions whose notice was lost; at least 1. */
  readonly sweepHours: number;
  /** CloudWatch namespace of the sealer's metrics (`SEALER_METRICS`). */
  readonly metricNamespace: string;
  /** Leaves that the ledger is known to have; with fewer, sealing stops. @default 0 */
  readonly minTreeSize?: number;
}

/** Environment variable of the function that holds the settings as JSON. */
export const SEALER_SETTINGS_VARIABLE = 'SEALER_SETTINGS';

/** Default for `sweepHours`: as long as EventBridge tries to deliver a notice. */
export const DEFAULT_SWEEP_HOURS = 24;

/** Hours in which the hourly sweep has looked at the whole bucket once: a week. */
export const SWEEP_ROUND_HOURS = 7 * 24;

/** Objects up to this age are looked for outside the partitions of the last hours: several rounds, in case some fail. */
export const SWEPT_AGE_DAYS = 30;

/** Names of the metrics, without dimensions, that the sealer writes once an invocation (embedded metric format). */
export const SEALER_METRICS = {
  /** Seconds: age of the oldest notice whose object is sealed now, or could not be. 0 where there was none. */
  sealLag: 'SealLag',
  /** Object versions appended. */
  objectsSealed: 'ObjectsSealed',
  /** Leaves in the ledger. */
  treeSize: 'TreeSize',
  /** Sealed without their events, which could not be read, or with one that no writer makes. More than 0 is worth a look. */
  objectsUnreadable: 'ObjectsUnreadable',
  /** Found by a sweep, and older than notices take: their notice was lost. */
  noticesLost: 'NoticesLost',
  /** 1 where the ledger is not as it must be and sealing stopped (`SealError`, `LedgerError`); else 0. */
  sealingStopped: 'SealingStopped',
} as const;

/**
 * What the schedule sends to the function instead of notices. By hand, a prefix can be given, to have every version
 * under it looked at: `{"sweep":true,"prefix":"events/dt=2026-11-24/"}`.
 */
export interface SweepRequest {
  readonly sweep: true;
  /** @default the partitions of the last `sweepHours`, and this hour's share of everything else (see lambda/sealer/sweep.ts) */
  readonly prefix?: string;
}

/** The schedule's input. */
export const SWEEP: SweepRequest = { sweep: true };

export function encodeSealerSettings(settings: SealerSettings): string {
  return JSON.stringify(settings);
}

/** @throws Error if the variable is missing or not what `encodeSealerSettings` wrote */
export function decodeSealerSettings(environment: Readonly<Record<string, string | undefined>>): SealerSettings {
  const text = environment[SEALER_SETTINGS_VARIABLE];
  if (text === undefined) throw new Error(`environment variable ${SEALER_SETTINGS_VARIABLE} is not set`);
  const settings = JSON.parse(text) as SealerSettings;
  const { bucket, keyId, origin, sweepHours, metricNamespace, minTreeSize = 0 } = settings;
  const texts = [bucket, keyId, origin, metricNamespace].every((value) => typeof value === 'string' && value !== '');
  const hasHours = Number.isInteger(sweepHours) && sweepHours >= 1;
  const hasSize = Number.isSafeInteger(minTreeSize) && minTreeSize >= 0;
  if (texts && isKeyName(origin) && hasHours && hasSize) return settings;
  throw new Error(`environment variable ${SEALER_SETTINGS_VARIABLE} must hold bucket, keyId, origin, sweepHours and metricNamespace, and may hold minTreeSize`); // prettier-ignore
}
