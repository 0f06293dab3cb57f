import type { Who } from '../event/request-facts';
import { namesOf, type ClaimNames } from './claim-names';
import { list, milliseconds, textOf, valueOf, type Claims } from './claim-values';

/** A user pool's issuer, whole host name: nobody else can be under it. */
const COGNITO_ISSUER = /^https:\/\/cognito-idp(?:-fips)?\.[\w-]+\.amazonaws\.com(?:\.cn)?\//;

/**
 * A caller with a token that Cognito or a JWT authorizer has verified.
 *
 * @see https://www.rfc-editor.org/rfc/rfc7519#section-4.1
 * @see https://openid.net/specs/openid-connect-core-1_0.html#StandardClaims
 */
export function whoOfClaims(claims: Claims, chosen: ClaimNames = {}): Who {
  const issuer = textOf(claims, ['iss']);
  const cognito = issuer !== undefined && COGNITO_ISSUER.test(issuer);
  const client = textOf(claims, namesOf('client', chosen));
  const methods = list(valueOf(claims, ['amr']));
  const name = textOf(claims, namesOf('name', chosen));
  const user = textOf(claims, namesOf('user', chosen));
  return {
    type: cognito ? 'cognito' : 'jwt',
    actor: {
      user: {
        name,
        uid: user ?? name ?? client,
        // A token of the client-credentials grant has no user: its subject is the client.
        ...(name === undefined && client !== undefined && (user === undefined || user === client)
          ? { type_id: 4, type: 'Service' }
          : { type_id: 1, type: 'User' }),
        email_addr: textOf(claims, namesOf('email', chosen)),
        domain: issuer,
        groups: groupsOf(claims, chosen).map((group) => ({ name: group })),
      },
      session: {
        uid: textOf(claims, namesOf('session', chosen)),
        issuer,
        created_time: milliseconds(valueOf(claims, ['auth_time'])) ?? milliseconds(valueOf(claims, ['iat'])),
        expiration_time: milliseconds(valueOf(claims, ['exp'])),
        is_mfa: methods.length > 0 ? methods.some((method) => /mfa|otp|hwk|fido/i.test(method)) : undefined,
      },
      idp: issuer ? { name: cognito ? 'Amazon Cognito' : issuer, issuer, protocol_name: 'OpenID Connect' } : undefined,
      app_name: client,
      app_uid: client ?? textOf(claims, ['aud']),
    },
  };
}

export function groupsOf(claims: Claims, chosen: ClaimNames): string[] {
  return list(valueOf(claims, namesOf('groups', chosen)));
}

export function scopesOf(claims: Claims, chosen: ClaimNames): string[] {
  return list(valueOf(claims, namesOf('scopes', chosen)));
}
