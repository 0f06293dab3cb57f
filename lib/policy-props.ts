/** What a rule says of the requests that it fits. */
export enum RuleEffect {
  /** They pass. */
  ALLOW = 'allow',
  /** They are refused: 401 where nobody is known, else 403. */
  DENY = 'deny',
}

/** How a caller is known, `unmapped.who_type` of events. */
export enum CallerKind {
  /** By a signature (SigV4). */
  IAM = 'iam',
  /** By a token of an Amazon Cognito user pool. */
  COGNITO = 'cognito',
  /** By a token of another issuer. */
  JWT = 'jwt',
  /** By a Lambda authorizer. */
  LAMBDA = 'lambda',
  /** By an API key alone. */
  API_KEY = 'api_key',
  /** By a client certificate alone. */
  CERTIFICATE = 'certificate',
  /** Not at all. */
  ANONYMOUS = 'anonymous',
}

/** What must stand in a client certificate; of each list one entry is enough. Without any list every certificate will do. */
export interface CertificateRuleProps {
  /**
   * Distinguished names of subjects, as API Gateway writes them.
   *
   * @default - any
   */
  readonly subjects?: string[];

  /**
   * Distinguished names of issuers.
   *
   * @default - any
   */
  readonly issuers?: string[];

  /**
   * Serial numbers.
   *
   * @default - any
   */
  readonly serials?: string[];
}

/**
 * A rule: what it says, and of which requests. Every condition that is there must hold; of a list one entry is enough.
 */
export interface RuleProps {
  /** Name in events: 1 to 100 letters, digits, `-`, `_` and `.`; of one rule only. */
  readonly name: string;

  /**
   * What it says.
   *
   * @default RuleEffect.ALLOW
   */
  readonly effect?: RuleEffect;

  /**
   * Paths of routes, as in their `path`.
   *
   * @default - every route
   */
  readonly routes?: string[];

  /**
   * Methods in upper case.
   *
   * @default - every method
   */
  readonly methods?: string[];

  /**
   * Patterns of whole paths: `*` stands for one segment, `**` at the end for any number of them, none too. Compared decoded.
   * A rule that refuses fits in any case, one that lets in only in the case that it has, unless the route is
   * `caseInsensitive`. For paths that services may read in different ways, see `RouteProps.ambiguousPaths`.
   *
   * @default - every path
   */
  readonly paths?: string[];

  /**
   * How callers are known.
   *
   * @default - a rule that lets in means everybody who is known; one that refuses, anonymous callers too
   */
  readonly who?: CallerKind[];

  /**
   * Ids of users, `actor.user.uid` of events; ARNs of roles and users where the authorization is IAM.
   *
   * @default - everybody
   */
  readonly users?: string[];

  /**
   * Groups of which the caller must be in one.
   *
   * @default - groups do not matter
   */
  readonly groups?: string[];

  /**
   * Scopes of which the caller's token must have one.
   *
   * @default - scopes do not matter
   */
  readonly scopes?: string[];

  /**
   * Claims of the token, or keys of a Lambda authorizer's context, each with the values of which it must have one.
   *
   * @default - claims do not matter
   */
  readonly claims?: { [claim: string]: string[] };

  /**
   * Addresses and networks (CIDR) from which requests may come, IPv4 and IPv6, as API Gateway sees them.
   *
   * @default - from anywhere
   */
  readonly sources?: string[];

  /**
   * That a client certificate was shown (mutual TLS), and which.
   *
   * @default - none is needed
   */
  readonly certificate?: CertificateRuleProps;

  /**
   * From when the rule holds: an instant in UTC, like `2026-12-01T00:00:00Z`.
   *
   * @default - from always
   */
  readonly validFrom?: string;

  /**
   * Until when it holds: the first instant in UTC at which it does not.
   *
   * @default - for ever
   */
  readonly validUntil?: string;

  /**
   * Hours of the day in UTC, like `08:00-18:00`, over midnight too.
   *
   * @default - all day
   */
  readonly hours?: string[];
}

/**
 * What may pass of what API Gateway let in: by rules, or by Cedar policies. Who decided, and the version of the policy, stand
 * in events under `actor.authorizations`.
 */
export interface PolicyProps {
  /**
   * Rules in their order. The first one that fits a request decides; what none fits is refused.
   *
   * @default - `cedar` decides
   */
  readonly rules?: RuleProps[];

  /**
   * Folder with Cedar policies (`*.cedar`), and perhaps a schema (`*.cedarschema`). They become part of the function's code.
   *
   * @default - `rules` decide
   */
  readonly cedar?: string;

  /**
   * Names of request headers that Cedar policies may look at, as `context.headers`. Callers write what they like into them.
   * Only with `cedar`.
   *
   * @default - none
   */
  readonly cedarHeaders?: string[];

  /**
   * Whether decisions are only recorded: a request that is refused passes, and its event says that it would have been
   * refused (`is_applied` is false).
   *
   * @default false
   */
  readonly dryRun?: boolean;

  /**
   * Paths of routes on which decisions are only recorded.
   *
   * @default - none
   */
  readonly dryRunRoutes?: string[];
}
