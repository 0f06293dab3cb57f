import type { AuditEvent } from '../../lib/event/schema';

/** Who did what, when, where from, with what result: one line each, for people. What an event does not say is left out. */
export function told(event: AuditEvent): [name: string, text: string][] {
  const lines: [string, string | undefined][] = [
    ['who', who(event)],
    ['what', what(event)],
    ['when', new Date(event.time).toISOString()],
    ['from', event.src_endpoint?.ip ?? event.src_endpoint?.name],
    ['result', result(event)],
  ];
  return lines.filter((line): line is [string, string] => line[1] !== undefined);
}

function who({ actor, app, unmapped }: AuditEvent): string | undefined {
  const user = actor?.user;
  const name = user?.name ?? user?.uid ?? app?.name ?? 'anonymous';
  const details = [user?.uid, unmapped.who_type].filter((detail) => detail !== undefined && detail !== name);
  return details.length > 0 ? `${name} (${details.join(', ')})` : name;
}

function what({ api, http_request: request, type_name: type, unmapped }: AuditEvent): string {
  if (unmapped.phase === 'closing') return 'the writer of this chain ended it';
  const asked = request === undefined ? (api?.operation ?? type) : `${request.http_method} ${request.url.path}`;
  const service = api?.service?.name;
  return service === undefined ? asked : `${asked} of the service ${service}`;
}

function result({ status, status_code, disposition, unmapped }: AuditEvent): string | undefined {
  // An attempt is written before there is one.
  if (unmapped.phase === 'attempt') return 'not known yet: this is the attempt, its outcome is another event';
  const parts = [status_code, status, disposition].filter((part) => part !== undefined);
  return parts.length > 0 ? parts.join(', ') : undefined;
}
