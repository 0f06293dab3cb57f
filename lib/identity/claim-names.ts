/** What of a caller is read from claims of a token, or from the context of a Lambda authorizer. */
export const CLAIM_KEYS = ['user', 'name', 'email', 'groups', 'scopes', 'client', 'session'] as const;
export type ClaimKey = (typeof CLAIM_KEYS)[number];

/**
 * Names of the claims in which an identity provider tells who somebody is, as people choose them. A name that is chosen
 * is the only one looked at; what is not chosen is looked for under the names of `DEFAULT_CLAIM_NAMES`.
 */
export type ClaimNames = { readonly [key in ClaimKey]?: string | undefined };

/** Names that are looked for in this order where none is chosen: those of OpenID Connect, Cognito and RFC 9068. */
export const DEFAULT_CLAIM_NAMES: Readonly<Record<ClaimKey, readonly string[]>> = {
  user: ['sub'],
  name: ['email', 'cognito:username', 'username', 'preferred_username', 'name'],
  email: ['email'],
  groups: ['cognito:groups', 'groups'],
  scopes: ['scope', 'scp'],
  client: ['client_id', 'azp'],
  session: ['origin_jti', 'jti'],
};

/** How the name of a claim may look: a word or a URL (`https://example.com/roles`). */
export const CLAIM_NAME = /^[\x21-\x7e]{1,200}$/;

/** What is wrong with one of the names. */
export interface ClaimNameProblem {
  readonly key: ClaimKey;
  readonly message: string;
}

/** Checks chosen names. What they stand for is not known before somebody calls. */
export function checkClaimNames(names: ClaimNames): ClaimNameProblem[] {
  return CLAIM_KEYS.flatMap((key) => {
    const name = names[key];
    if (name === undefined || CLAIM_NAME.test(name)) return [];
    const message = 'must be the name of a claim, 1 to 200 visible ASCII characters without blanks';
    return [{ key, message: `${message}; got ${JSON.stringify(name)}` }];
  });
}

/** The names under which something is looked for, in order. */
export function namesOf(key: ClaimKey, chosen: ClaimNames): readonly string[] {
  const name = chosen[key];
  return name === undefined ? DEFAULT_CLAIM_NAMES[key] : [name];
}
