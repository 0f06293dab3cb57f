import { randomUUID } from 'node:crypto';
import type { Chain, EventDraft, SealedEvent } from '../../lib/event/chain';
import { OCSF_VERSION, PROFILES, SCHEMA_VERSION } from '../../lib/event/schema';

/** One request, as far as tests want to choose it. */
export interface SampleRequest {
  /** When it arrived, epoch milliseconds. */
  readonly time: number;
  readonly who: string;
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  readonly path: string;
  readonly service: string;
  readonly ip: string;
  readonly status: number;
}

const DEFAULTS: SampleRequest = {
  time: Date.UTC(2026, 10, 24, 7, 30),
  who: 'alice',
  method: 'GET',
  path: '/orders/7',
  service: 'orders',
  ip: '203.0.113.9',
  status: 200,
};

const ACTIVITY = { GET: [2, 'Read'], POST: [1, 'Create'], PUT: [3, 'Update'], DELETE: [4, 'Delete'] } as const;

/** Seals the attempt and the outcome of a request into a chain. */
export function sealRequest(chain: Chain, request: Partial<SampleRequest> = {}): [SealedEvent, SealedEvent] {
  const whole = { ...DEFAULTS, ...request };
  const correlation = randomUUID();
  return [chain.seal(attemptDraft(whole, correlation)), chain.seal(outcomeDraft(whole, correlation))];
}

/** Seals the event with which a writer ends its chain. */
export function sealClosing(chain: Chain, time: number = DEFAULTS.time): SealedEvent {
  return chain.seal({
    time,
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
    app: { name: 'proxy', vendor_name: 'sample', version: '1' },
    metadata: metadata(randomUUID()),
    unmapped: { phase: 'closing' },
  });
}

function attemptDraft(request: SampleRequest, correlation: string): EventDraft {
  const { time, who, method, path, service, ip } = request;
  const [activity_id, activity_name] = ACTIVITY[method];
  return {
    time,
    class_uid: 6003,
    class_name: 'API Activity',
    category_uid: 6,
    category_name: 'Application Activity',
    activity_id,
    activity_name,
    type_uid: 600300 + activity_id,
    type_name: `API Activity: ${activity_name}`,
    severity_id: 1,
    severity: 'Informational',
    status_id: 0,
    status: 'Unknown',
    action_id: 1,
    action: 'Allowed',
    disposition_id: 1,
    disposition: 'Allowed',
    actor: { user: { name: who, uid: `uid-${who}`, type_id: 1, type: 'User', groups: [{ name: 'staff' }] } },
    api: {
      operation: `${method} /${path.split('/')[1]}`,
      service: { name: service },
      request: { uid: `request-${correlation}` },
      version: '1.0',
    },
    http_request: {
      http_method: method,
      url: { scheme: 'https', hostname: 'api.example.com', path },
      user_agent: 'curl/8.5.0',
      http_headers: [{ name: 'accept', value: '*/*' }],
    },
    src_endpoint: { ip },
    dst_endpoint: { hostname: `${service}.internal`, port: 8080, svc_name: service },
    resources: [{ name: path, type: 'path' }],
    cloud: { provider: 'local', region: 'local' },
    metadata: metadata(correlation),
    unmapped: { phase: 'attempt', guarantee: 'BEFORE_RESPONSE', who_type: 'cognito', forwarded: false },
  };
}

function outcomeDraft(request: SampleRequest, correlation: string): EventDraft {
  const draft = attemptDraft(request, correlation);
  const success = request.status < 400;
  return {
    ...draft,
    status_id: success ? 1 : 2,
    status: success ? 'Success' : 'Failure',
    status_code: String(request.status),
    duration: 12,
    http_response: { code: request.status, content_type: 'application/json', body_length: 512, latency: 10 },
    unmapped: { ...draft.unmapped, phase: 'outcome', forwarded: true },
  };
}

function metadata(correlation_uid: string): EventDraft['metadata'] {
  return {
    version: OCSF_VERSION,
    log_version: SCHEMA_VERSION,
    uid: randomUUID(),
    correlation_uid,
    product: { name: 'cdk-audit-proxy', vendor_name: 'sample', version: '1' },
    profiles: [...PROFILES],
  };
}
