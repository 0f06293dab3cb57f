import type { Who } from '../../../lib/event/request-facts';

/** Claims of a verified token. Both authorizers pass every value on as a string; lists come as `[a b]` or `a,b`. */
export type Claims = Readonly<Record<string, unknown>>;

/**
 * A caller with a token that Cognito or a JWT authorizer has verified.
 *
 * @see https://www.rfc-editor.org/rfc/rfc7519#section-4.1
 * @see https://openid.net/specs/openid-connect-core-1_0.html#StandardClaims
 */
export function whoOfClaims(claims: Claims): Who {
  const issuer = text(claims.iss);
  const cognito = issuer !== undefined && /^https:\/\/cognito-idp\.[\w-]+\.amazonaws\.com/.test(issuer);
  const groups = list(claims['cognito:groups'] ?? claims.groups);
  const client = text(claims.client_id) ?? text(claims.azp);
  const methods = list(claims.amr);
  const name = text(claims.email) ?? text(claims['cognito:username']) ?? text(claims.username) ?? text(claims.preferred_username) ?? text(claims.name); // prettier-ignore
  return {
    type: cognito ? 'cognito' : 'jwt',
    actor: {
      user: {
        name,
        uid: text(claims.sub) ?? name ?? client,
        // A token of the client-credentials grant has no user: its subject is the client.
        ...(name === undefined && client !== undefined && (claims.sub === undefined || claims.sub === client)
          ? { type_id: 4, type: 'Service' }
          : { type_id: 1, type: 'User' }),
        email_addr: text(claims.email),
        domain: issuer,
        groups: groups.map((group) => ({ name: group })),
      },
      session: {
        uid: text(claims.origin_jti) ?? text(claims.jti),
        issuer,
        created_time: milliseconds(claims.auth_time) ?? milliseconds(claims.iat),
        expiration_time: milliseconds(claims.exp),
        is_mfa: methods.length > 0 ? methods.some((method) => /mfa|otp|hwk|fido/i.test(method)) : undefined,
      },
      idp: issuer ? { name: cognito ? 'Amazon Cognito' : issuer, issuer, protocol_name: 'OpenID Connect' } : undefined,
      app_name: client,
      app_uid: client ?? text(claims.aud),
    },
  };
}

function text(value: unknown): string | undefined {
  if (typeof value === 'string') return value === '' ? undefined : value;
  return typeof value === 'number' || typeof value === 'boolean' ? String(value) : undefined;
}

function list(value: unknown): string[] {
  if (Array.isArray(value)) return value.map(String);
  const joined = text(value);
  if (joined === undefined) return [];
  return joined
    .replace(/^\[|\]$/g, '')
    .split(/[\s,]+/)
    .filter((part) => part !== '');
}

/** Seconds since the epoch (RFC 7519 NumericDate), or the date text that REST APIs make of it for Cognito. */
function milliseconds(value: unknown): number | undefined {
  const seconds = Number(value);
  const time = text(value) === undefined ? NaN : Number.isFinite(seconds) ? seconds * 1000 : Date.parse(String(value));
  return Number.isSafeInteger(Math.round(time)) ? Math.round(time) : undefined;
}
