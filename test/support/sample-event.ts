import type { EventDraft } from '../../lib/event/chain';

/** 2026-11-24T07:00:00Z */
export const SAMPLE_TIME = Date.UTC(2026, 10, 24, 7);

/** The attempt of a request that says as little as an event may. */
export function attempt(n: number, changes: Partial<EventDraft> = {}): EventDraft {
  return {
    time: SAMPLE_TIME + n,
    class_uid: 6003,
    class_name: 'API Activity',
    category_uid: 6,
    category_name: 'Application Activity',
    activity_id: 2,
    activity_name: 'Read',
    type_uid: 600302,
    type_name: 'API Activity: Read',
    severity_id: 1,
    severity: 'Informational',
    status_id: 0,
    status: 'Unknown',
    action_id: 1,
    action: 'Allowed',
    disposition_id: 1,
    disposition: 'Allowed',
    actor: { user: { name: 'alice', uid: 'arn:aws:iam::123456789012:user/alice' } },
    api: { operation: 'GET /orders', service: { name: 'orders' }, request: { uid: `request-${n}` } },
    http_request: { http_method: 'GET', url: { path: `/orders/${n}` }, user_agent: 'curl/8.7.1' },
    src_endpoint: { ip: '192.0.2.7' },
    trace: {
      uid: '4bf92f3577b34da6a3ce929d0e0e4736',
      span: { uid: '00f067aa0ba902b7', start_time: SAMPLE_TIME, end_time: SAMPLE_TIME },
    },
    metadata: {
      version: '1.9.0',
      log_version: '1',
      uid: `attempt-${n}`,
      correlation_uid: `correlation-${n}`,
      product: { name: 'test', vendor_name: 'test', version: '0' },
      profiles: ['cloud', 'record_integrity', 'security_control', 'trace'],
    },
    unmapped: { phase: 'attempt', guarantee: 'BEFORE_RESPONSE', who_type: 'iam', forwarded: false },
    ...changes,
  };
}

/** The outcome that goes with `attempt(n)`. */
export function outcome(n: number, changes: Partial<EventDraft> = {}): EventDraft {
  const base = attempt(n);
  return {
    ...base,
    status_id: 1,
    status: 'Success',
    status_code: '200',
    duration: 12,
    api: { ...base.api!, response: { code: 200 } },
    http_response: { code: 200 },
    metadata: { ...base.metadata, uid: `outcome-${n}` },
    unmapped: { ...base.unmapped, phase: 'outcome', forwarded: true },
    ...changes,
  };
}

/** A closing event, which is no request. */
export function closing(): EventDraft {
  const base = attempt(0);
  return {
    time: base.time,
    class_uid: 6002,
    class_name: 'Application Lifecycle',
    category_uid: 6,
    category_name: 'Application Activity',
    activity_id: 4,
    activity_name: 'Stop',
    type_uid: 600204,
    type_name: 'Application Lifecycle: Stop',
    severity_id: 1,
    severity: 'Informational',
    app: base.metadata.product,
    metadata: { ...base.metadata, uid: 'closing', correlation_uid: 'closing' },
    unmapped: { phase: 'closing' },
  };
}
