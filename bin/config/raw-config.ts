import type { ClaimNames } from '../../lib/identity/claim-names';
import type { PolicyInput } from '../../lib/policy/policy-input';
import type { LocalCaller } from './config';

/** What stands in the file once it fits `audit-proxy.schema.json`. */
export interface RawConfig {
  readonly routes: readonly RawRoute[];
  readonly api?: RawApi;
  readonly recording?: RawRecording;
  /** `true` is the same as `{}`. */
  readonly assertion?: boolean | RawAssertion;
  /** Stands in the file as it is used. */
  readonly policy?: PolicyInput;
  readonly identity?: { readonly claims?: ClaimNames };
  readonly retention?: string;
  readonly maxBodySize?: string;
  readonly stackName?: string;
  readonly local?: { readonly callers?: Readonly<Record<string, RawCaller>> };
}

export interface RawRoute {
  readonly path: string;
  readonly upstream: string;
  readonly service?: string;
  readonly stripPrefix?: boolean;
  readonly timeout?: string;
  readonly guarantee?: string;
  readonly onUnrecorded?: string;
  readonly record?: RawRecord;
  readonly connection?: RawConnection;
  readonly rewriteLocation?: boolean;
  readonly streaming?: boolean;
  readonly ambiguousPaths?: string;
  readonly stripHeaders?: readonly string[];
  readonly caseInsensitive?: boolean;
}

export interface RawConnection {
  readonly connectTimeout?: string;
  readonly firstByteTimeout?: string;
  readonly idleTimeout?: string;
  readonly maxConnections?: number;
  readonly retries?: number;
  readonly circuitBreaker?: { readonly failures?: number; readonly openFor?: string };
  readonly tls?: { readonly serverName?: string; readonly ca?: string; readonly clientCertificate?: string };
}

export interface RawRecord {
  readonly headers?: readonly string[];
  readonly redact?: RawFieldNames;
  readonly pseudonymize?: RawFieldNames;
  /** `true` is the same as `{}`. */
  readonly capture?: {
    readonly request?: boolean | RawCapture;
    readonly response?: boolean | RawCapture;
    readonly only?: readonly string[];
  };
}

export interface RawFieldNames {
  readonly headers?: readonly string[];
  readonly query?: readonly string[];
  readonly body?: readonly string[];
}

export interface RawCapture {
  readonly contentTypes?: readonly string[];
  readonly maxSize?: string;
  readonly acceptRisk?: string;
}

export interface RawRecording {
  readonly streams?: number;
  readonly hedgeDelay?: string;
  readonly limit?: string;
}

export interface RawAssertion {
  readonly issuer?: string;
  readonly lifetime?: string;
}

export interface RawApi {
  readonly type?: 'REST' | 'HTTP';
  readonly authorization?: RawAuthorization;
  readonly throttling?: { readonly rateLimit?: number; readonly burstLimit?: number };
  readonly gatewaySecretVersion?: number;
}

/** As an object: exactly one of the keys is there. */
export type RawAuthorization =
  | 'IAM'
  | 'NONE'
  | {
      readonly cognito?: { readonly userPoolArn: string };
      readonly jwt?: { readonly issuer: string; readonly audience: readonly string[] };
      readonly lambda?: { readonly functionArn: string };
    };

/** A caller stands in the file as it is used. */
export type RawCaller = LocalCaller;
