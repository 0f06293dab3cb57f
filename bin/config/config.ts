import type { ClaimNames } from '../../lib/identity/claim-names';
import type { PolicyInput } from '../../lib/policy/policy-input';
import type { Recording } from '../../lib/routing/recording';
import type { Route } from '../../lib/routing/route';

/** What `audit-proxy.json` says, checked, with every default filled in. */
export interface AuditProxyConfig {
  /** Absolute path of the file it came from. */
  readonly file: string;
  readonly routes: readonly Route[];
  readonly api: ApiConfig;
  readonly recording: Recording;
  /** Retention under Object Lock COMPLIANCE, in days. */
  readonly retentionDays: number;
  /** How services are told who called; undefined where they are not. */
  readonly assertion: AssertionConfig | undefined;
  /** Names of claims that hold in place of the usual ones. */
  readonly claimNames: ClaimNames;
  /** What may pass; undefined where all may that the edge let in. The folder of Cedar policies is absolute. */
  readonly policy: PolicyInput | undefined;
  /** Largest request body that is forwarded, in bytes. */
  readonly maxBodyBytes: number;
  readonly stackName: string;
  readonly local: LocalConfig;
}

export interface AssertionConfig {
  /** `iss` of every assertion. */
  readonly issuer: string;
  readonly lifetimeSeconds: number;
}

export interface ApiConfig {
  readonly type: 'REST' | 'HTTP';
  readonly authorization: AuthorizationConfig;
  /** Requests per second, steady, over all callers. */
  readonly rateLimit: number;
  /** Requests that may come at once. */
  readonly burstLimit: number;
  /** Which version of the secret the API's stage hands the function. */
  readonly gatewaySecretVersion: number;
}

export type AuthorizationConfig =
  | { readonly type: 'IAM' }
  | { readonly type: 'NONE' }
  | { readonly type: 'COGNITO'; readonly userPoolArn: string }
  | { readonly type: 'JWT'; readonly issuer: string; readonly audience: readonly string[] }
  | { readonly type: 'LAMBDA'; readonly functionArn: string };

/** Only read by the one-machine pipeline. */
export interface LocalConfig {
  /**
   * Callers that the local gateway knows, by bearer token: nothing is verified on one machine, so a token simply stands
   * for the identity that API Gateway would have verified.
   */
  readonly callers: Readonly<Record<string, LocalCaller>>;
}

/** At most one of claims, iam and lambda is set; a certificate and an API key may stand beside it, or alone. */
export interface LocalCaller {
  /** Claims as a Cognito or JWT authorizer would pass them on. */
  readonly claims?: Readonly<Record<string, string>>;
  /** Caller as IAM authorization would tell it. */
  readonly iam?: {
    readonly userArn: string;
    readonly accountId: string;
    readonly caller?: string;
    readonly accessKey?: string;
    readonly principalOrgId?: string;
  };
  /** Context of a Lambda authorizer, `principalId` among it. */
  readonly lambda?: Readonly<Record<string, string>>;
  /** Client certificate as mutual TLS would have verified it. */
  readonly certificate?: LocalCertificate;
  /** Id (not the value) of an API key. */
  readonly apiKeyId?: string;
}

export interface LocalCertificate {
  readonly subject: string;
  readonly issuer: string;
  readonly serial: string;
}

/** Wrong configuration; the message names file, place, value and what is allowed, one line a problem. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
}
