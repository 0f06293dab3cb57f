import type { AuditEvent } from '../../lib/event/schema';

/** Each request carries a marker as the last part of its path: client, service, events and edge log all tell it. */
export function markerOf(path: string): string {
  return path.split('?')[0]!.split('/').at(-1) ?? '';
}

/** Undefined for an event of no request: a closing one. */
export function markerOfEvent(event: AuditEvent): string | undefined {
  const path = event.http_request?.url?.path;
  return path === undefined ? undefined : markerOf(path);
}
