import { percentEncode } from '../../routing/path-encoding';
import type { Claims } from '../../identity/claim-values';
import type { PolicyRequest } from '../policy';
import { distinct, type PolicyPath } from '../policy-path';
import type { CedarValue, Entity, EntityUid } from './engine';

/** A request in Cedar's words. */
export interface CedarRequest {
  readonly principal: EntityUid;
  readonly action: EntityUid;
  readonly resource: EntityUid;
  readonly context: Readonly<Record<string, CedarValue>>;
  readonly entities: readonly Entity[];
}

const HOUR_MS = 3_600_000;

/**
 * The paths that policies must be asked about, since they compare text: every reading, with and without a slash at the end, and
 * where the service ignores case, also as one would read it that ignores the case of all letters.
 */
export function cedarPaths({ readings, folded, ignoresCase }: PolicyPath): readonly string[] {
  const all = ignoresCase ? [...readings, ...folded] : readings;
  return distinct(all.flatMap((path) => (path.endsWith('/') ? [path, path.replace(/\/+$/, '') || '/'] : [path])));
}

/**
 * Tells Cedar who asks for what. Who is anonymous is of another type, so that no policy over users means him.
 *
 * @param normalizedPath one of `cedarPaths`
 * @param headerNames headers that policies may look at, in lower case
 */
export function cedarRequest(
  request: PolicyRequest,
  normalizedPath: string,
  headerNames: readonly string[],
): CedarRequest {
  const principal = principalOf(request);
  const resource = resourceOf(request, normalizedPath);
  return {
    principal: principal.uid,
    action: { type: 'Audit::Action', id: request.method },
    resource: resource.uid,
    context: contextOf(request, headerNames),
    entities: [principal, resource],
  };
}

function principalOf({ caller }: PolicyRequest): Entity {
  const { user } = caller.actor;
  const attrs = given({
    kind: caller.type,
    name: user?.name,
    email: user?.email_addr,
    account: user?.account?.uid,
    organization: user?.org?.uid,
  });
  if (caller.type === 'anonymous') return { uid: { type: 'Audit::Anonymous', id: 'anonymous' }, attrs, parents: [] };
  return {
    uid: { type: 'Audit::User', id: user?.uid ?? '' },
    attrs,
    parents: caller.groups.map((id) => ({ type: 'Audit::Group', id })),
  };
}

function resourceOf({ routePath }: PolicyRequest, normalizedPath: string): Entity {
  return {
    uid: { type: 'Audit::Resource', id: normalizedPath },
    attrs: { path: encoded(normalizedPath), normalizedPath, route: routePath },
    parents: [{ type: 'Audit::Route', id: routePath }],
  };
}

/** One spelling for all that mean the same. What is encoded in a reading stays so. */
function encoded(reading: string): string {
  return reading.replace(/%(?![0-9A-F]{2})|[^A-Za-z0-9._~!$&'()*+,;=:@%/-]/gu, percentEncode);
}

function contextOf({ caller, sourceIp, time, headers }: PolicyRequest, headerNames: readonly string[]) {
  const { certificate } = caller;
  return given({
    ip: sourceIp === undefined ? undefined : { __extn: { fn: 'ip', arg: sourceIp } },
    time: { __extn: { fn: 'datetime', arg: new Date(time).toISOString() } },
    hour: Math.floor((time % (24 * HOUR_MS)) / HOUR_MS),
    claims: claimsOf(caller.claims),
    scopes: caller.scopes,
    certificate: certificate && {
      subject: certificate.subjectDN,
      issuer: certificate.issuerDN,
      serial: certificate.serialNumber,
    },
    headers: Object.fromEntries(
      headerNames.flatMap((name) => {
        const values = headers.filter(([header]) => header.toLowerCase() === name).map(([, value]) => value);
        return values.length === 0 ? [] : [[name, values.join(', ')]];
      }),
    ),
  });
}

/** Texts, as API Gateway gives them; sets of texts where a claim is a list. */
function claimsOf(claims: Claims): Record<string, CedarValue> {
  return Object.fromEntries(
    Object.entries(claims).flatMap(([name, value]): [string, CedarValue][] => {
      if (value === null || value === undefined) return [];
      if (Array.isArray(value)) return [[name, value.map(textOf)]];
      return [[name, textOf(value)]];
    }),
  );
}

function textOf(value: unknown): string {
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}

function given(values: Readonly<Record<string, CedarValue | undefined>>): Record<string, CedarValue> {
  return Object.fromEntries(
    Object.entries(values).filter((entry): entry is [string, CedarValue] => entry[1] !== undefined),
  );
}
