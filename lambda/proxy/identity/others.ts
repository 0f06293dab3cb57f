import { hasSecretShape, REDACTED } from '../../../lib/event/privacy/secrets';
import type { Who } from '../../../lib/event/request-facts';

/** Nobody whom API Gateway knows. */
export function anonymous(): Who {
  return { type: 'anonymous', actor: { user: { name: 'anonymous', type_id: 0, type: 'Unknown' } } };
}

/**
 * A caller whom a Lambda authorizer let in. Of its context only the principal is taken: what else it holds may be
 * secret. Some authorizers make the token itself the principal: that is left out.
 */
export function whoOfLambdaAuthorizer(context: Readonly<Record<string, unknown>>): Who {
  const named = [context.principalId, context.sub, context.user, context.username].find(
    (value): value is string => typeof value === 'string' && value !== '',
  );
  const principal = named !== undefined && hasSecretShape(named) ? REDACTED : named;
  return {
    type: 'lambda',
    actor: {
      user: { name: principal ?? 'unnamed', uid: principal, type_id: 0, type: 'Unknown' },
      idp: { name: 'Lambda authorizer' },
    },
  };
}

/** A caller who is known by an API key alone. The id of the key is written, never the key. */
export function whoOfApiKey(apiKeyId: string): Who {
  return {
    type: 'api_key',
    actor: {
      user: {
        name: apiKeyId,
        uid: apiKeyId,
        type_id: 4,
        type: 'Service',
        programmatic_credentials: [{ uid: apiKeyId, type: 'API key' }],
      },
      idp: { name: 'API Gateway API key' },
    },
  };
}

/** A caller who showed a client certificate (mutual TLS). */
export function whoOfCertificate(certificate: { subjectDN: string; issuerDN: string; serialNumber: string }): Who {
  const commonName = /(?:^|[,/]\s*)CN=([^,/]+)/.exec(certificate.subjectDN)?.[1];
  return {
    type: 'certificate',
    actor: {
      user: {
        name: commonName ?? certificate.subjectDN,
        uid: certificate.subjectDN,
        type_id: 0,
        type: 'Unknown',
        domain: certificate.issuerDN,
        programmatic_credentials: [{ uid: certificate.serialNumber, type: 'X.509 certificate' }],
      },
      idp: { name: certificate.issuerDN, protocol_name: 'mutual TLS' },
    },
  };
}

/** Adds the id of the API key with which somebody came who is known by other means. */
export function withApiKey(who: Who, apiKeyId: string | undefined): Who {
  if (!apiKeyId) return who;
  const credentials = who.actor.user?.programmatic_credentials ?? [];
  return {
    ...who,
    actor: {
      ...who.actor,
      user: { ...who.actor.user, programmatic_credentials: [...credentials, { uid: apiKeyId, type: 'API key' }] },
    },
  };
}
