import type { Who } from '../event/request-facts';
import { writtenId } from '../event/written-id';
import type { ClaimNames } from './claim-names';
import type { Claims } from './claim-values';
import { groupsOf, scopesOf, whoOfClaims } from './claims';
import { whoOfIam, type IamCaller } from './iam';
import {
  anonymous,
  apiKeyCredential,
  certificateCredential,
  chosenList,
  whoOfApiKey,
  whoOfCertificate,
  whoOfLambdaAuthorizer,
  withCredential,
  type Certificate,
} from './others';

/** What the edge verified about a caller, in one form for all kinds of API. Absent is what it did not look at. */
export interface Verified {
  readonly iam?: IamCaller | undefined;
  /** Claims of a token that Cognito or a JWT authorizer verified. */
  readonly claims?: Claims | undefined;
  /** Scopes of that token as the edge read them; where it did not, they are in the claims. */
  readonly scopes?: readonly string[] | undefined;
  /** Context that a Lambda authorizer gave; empty where it gave none. */
  readonly lambda?: Claims | undefined;
  readonly certificate?: Certificate | undefined;
  /** Id of an API key, never the key. */
  readonly apiKeyId?: string | undefined;
}

/** A caller: what events tell of him, and what rules may look at besides (it is not written). */
export interface Caller extends Who {
  readonly groups: readonly string[];
  readonly scopes: readonly string[];
  /** All claims of the token, or the whole context of a Lambda authorizer. */
  readonly claims: Claims;
  readonly certificate?: Certificate | undefined;
}

/**
 * Who asked, by the strongest proof that was verified; weaker ones are told as further credentials. Two callers with different
 * ids have different ids in events, too.
 */
export function callerOf(verified: Verified, chosen: ClaimNames = {}): Caller {
  const caller = strongest(verified, chosen);
  const { user } = caller.actor;
  // Of a Lambda authorizer's context every value is looked at one by one.
  if (user?.uid === undefined || caller.type === 'lambda') return caller;
  return { ...caller, actor: { ...caller.actor, user: { ...user, uid: writtenId(user.uid) } } };
}

function strongest(verified: Verified, chosen: ClaimNames): Caller {
  const { iam, claims, lambda, certificate, apiKeyId } = verified;
  const rest = { groups: [], scopes: [], claims: {}, certificate };
  const whoElse = (who: Who): Who => {
    const known = certificate === undefined ? who : withCredential(who, certificateCredential(certificate));
    return apiKeyId ? withCredential(known, apiKeyCredential(apiKeyId)) : known;
  };
  if (iam !== undefined) return { ...rest, ...whoElse(whoOfIam(iam)) };
  if (claims !== undefined) {
    const scopes = verified.scopes ?? scopesOf(claims, chosen);
    return { ...rest, ...whoElse(whoOfClaims(claims, chosen)), groups: groupsOf(claims, chosen), scopes, claims };
  }
  if (lambda !== undefined) {
    const groups = chosenList(lambda, chosen.groups);
    const scopes = chosenList(lambda, chosen.scopes);
    return { ...rest, ...whoElse(whoOfLambdaAuthorizer(lambda, chosen)), groups, scopes, claims: lambda };
  }
  if (certificate !== undefined) {
    const who = whoOfCertificate(certificate);
    return { ...rest, ...(apiKeyId ? withCredential(who, apiKeyCredential(apiKeyId)) : who) };
  }
  return { ...rest, ...(apiKeyId ? whoOfApiKey(apiKeyId) : anonymous()) };
}

/** Nobody whom the edge knows. */
export function nobody(): Caller {
  return callerOf({});
}

/** Whoever invoked the function without going through the API: whatever the event says about a caller, nobody has verified it. */
export function unverified(): Caller {
  const actor = { user: { name: 'unverified', type_id: 0, type: 'Unknown' } };
  return { type: 'unverified', actor, groups: [], scopes: [], claims: {} };
}
