/**
 * Names of the claims in which an identity provider tells who somebody is. A name that is given is the only one looked
 * at. They hold for tokens of Cognito and of other issuers, and for the context of a Lambda authorizer, of which nothing
 * but the principal is taken otherwise.
 */
export interface ClaimNameProps {
  /**
   * Stable id of the user, `actor.user.uid` in events.
   *
   * @default - `sub`; of a Lambda authorizer `principalId`, `sub`, `user` or `username`
   */
  readonly user?: string;

  /**
   * Name of the user, `actor.user.name` in events.
   *
   * @default - the first that is there of `email`, `cognito:username`, `username`, `preferred_username` and `name`
   */
  readonly name?: string;

  /**
   * E-mail address, `actor.user.email_addr` in events.
   *
   * @default - `email`
   */
  readonly email?: string;

  /**
   * Groups or roles, `actor.user.groups` in events: a list, or a text with blanks or commas between them.
   *
   * @default - `cognito:groups`, or `groups` where that is not there
   */
  readonly groups?: string;

  /**
   * Scopes, for rules; not in events.
   *
   * @default - `scope`, or `scp` where that is not there
   */
  readonly scopes?: string;

  /**
   * The program with which somebody acts, `actor.app_uid` in events.
   *
   * @default - `client_id`, or `azp` where that is not there
   */
  readonly client?: string;

  /**
   * Id of the session or token, `actor.session.uid` in events.
   *
   * @default - `origin_jti`, or `jti` where that is not there
   */
  readonly session?: string;
}

/** How it is told who somebody is. */
export interface IdentityProps {
  /**
   * Names of claims.
   *
   * @default - those of OpenID Connect and Amazon Cognito
   */
  readonly claims?: ClaimNameProps;
}
