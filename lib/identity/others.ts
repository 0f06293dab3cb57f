import type { Who } from '../event/request-facts';
import { writtenIdWithoutSecret } from '../event/written-id';
import type { ClaimNames } from './claim-names';
import { list, text, type Claims } from './claim-values';
import { calledBySubject } from './distinguished-name';

/** Nobody whom API Gateway knows. */
export function anonymous(): Who {
  return { type: 'anonymous', actor: { user: { name: 'anonymous', type_id: 0, type: 'Unknown' } } };
}

/**
 * A caller whom a Lambda authorizer let in. Of its context only the principal is taken, and what a name was chosen for:
 * what else it holds may be secret. Some authorizers make the token itself the principal: its hash is written then.
 */
export function whoOfLambdaAuthorizer(context: Claims, chosen: ClaimNames = {}): Who {
  const named = (names: readonly (string | undefined)[]) =>
    names.map((name) => safeText(context, name)).find((value) => value !== undefined);
  const uid = named(chosen.user === undefined ? ['principalId', 'sub', 'user', 'username'] : [chosen.user]);
  const client = named([chosen.client]);
  const session = named([chosen.session]);
  return {
    type: 'lambda',
    actor: {
      user: {
        name: named([chosen.name]) ?? uid ?? 'unnamed',
        uid,
        type_id: 0,
        type: 'Unknown',
        email_addr: named([chosen.email]),
        groups: groupsIn(context, chosen.groups),
      },
      session: session === undefined ? undefined : { uid: session },
      idp: { name: 'Lambda authorizer' },
      app_name: client,
      app_uid: client,
    },
  };
}

/** A list under the name that was chosen for it; none where no name was. */
export function chosenList(context: Claims, name: string | undefined): string[] {
  return name !== undefined && Object.hasOwn(context, name) ? list(context[name]) : [];
}

/** A secret must not lose its shape by being taken apart (`Bearer …`). */
function groupsIn(context: Claims, name: string | undefined): { name: string }[] {
  const whole = safeText(context, name);
  const names = whole !== undefined && whole !== text(context[name!]) ? [whole] : chosenList(context, name);
  return names.map((group) => ({ name: group === whole ? group : writtenIdWithoutSecret(group) }));
}

function safeText(context: Claims, name: string | undefined): string | undefined {
  const value = name !== undefined && Object.hasOwn(context, name) ? text(context[name]) : undefined;
  return value === undefined ? undefined : writtenIdWithoutSecret(value);
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
        programmatic_credentials: [apiKeyCredential(apiKeyId)],
      },
      idp: { name: 'API Gateway API key' },
    },
  };
}

/** What the edge tells of a client certificate that it has verified (mutual TLS). */
export interface Certificate {
  /** Distinguished names as API Gateway writes them, e.g. `C=DE,O=Example,CN=billing.example`. */
  readonly subjectDN: string;
  readonly issuerDN: string;
  readonly serialNumber: string;
}

/** A caller who showed a client certificate (mutual TLS). */
export function whoOfCertificate(certificate: Certificate): Who {
  return {
    type: 'certificate',
    actor: {
      user: {
        name: calledBySubject(certificate.subjectDN),
        uid: certificate.subjectDN,
        type_id: 0,
        type: 'Unknown',
        domain: certificate.issuerDN,
        programmatic_credentials: [certificateCredential(certificate)],
      },
      idp: { name: certificate.issuerDN, protocol_name: 'mutual TLS' },
    },
  };
}

type Credential = NonNullable<NonNullable<Who['actor']['user']>['programmatic_credentials']>[number];

export function certificateCredential({ serialNumber }: Certificate): Credential {
  return { uid: serialNumber, type: 'X.509 certificate' };
}

export function apiKeyCredential(apiKeyId: string): Credential {
  return { uid: apiKeyId, type: 'API key' };
}

/** Adds what somebody came with who is known by stronger means. */
export function withCredential(who: Who, credential: Credential): Who {
  const credentials = who.actor.user?.programmatic_credentials ?? [];
  return {
    ...who,
    actor: { ...who.actor, user: { ...who.actor.user, programmatic_credentials: [...credentials, credential] } },
  };
}
