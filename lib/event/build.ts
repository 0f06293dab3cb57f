import type { EventDraft } from './chain';
import { RECORDED_RESPONSE_HEADERS, recordedHeaders, redactMediaType } from './privacy/headers';
import { fieldOf, redactedRequest } from './redacted-request';
import type { Destination, OutcomeFacts, RequestFacts, WriterFacts } from './request-facts';
import { OCSF_VERSION, PROFILES, SCHEMA_VERSION } from './vocabulary';

/** What the builders take from outside: ids and time. */
export interface UidsAndClock {
  readonly uid: () => string;
  /** Epoch milliseconds. */
  readonly now: () => number;
}

const PRODUCT_NAME = 'cdk-audit-proxy';

/**
 * The attempt: written when a request is let in.
 *
 * @param destination where it goes
 */
export function attemptDraft(
  request: RequestFacts,
  destination: Destination,
  writer: WriterFacts,
  from: UidsAndClock,
): EventDraft {
  return {
    ...common(request, destination, writer, from),
    message: `${request.method} ${redactedRequest(request, destination.rules).path}`,
    severity_id: 1,
    severity: 'Informational',
    status_id: 0,
    status: 'Unknown',
    ...ALLOWED,
    unmapped: { ...commonUnmapped(request, destination, writer), phase: 'attempt', forwarded: false },
  };
}

/** The outcome: written when the result is known. It carries every field of its attempt, so that it stands alone. */
export function outcomeDraft(
  request: RequestFacts,
  destination: Destination | undefined,
  outcome: OutcomeFacts,
  writer: WriterFacts,
  from: UidsAndClock,
): EventDraft {
  const { statusCode, problem, brokenOff = false } = outcome;
  const success = statusCode < 400 && !brokenOff;
  const base = common(request, destination, writer, from);
  return {
    ...base,
    message: `${request.method} ${base.http_request.url.path} ${statusCode}`,
    severity_id: success ? 1 : 2,
    severity: success ? 'Informational' : 'Low',
    status_id: success ? 1 : 2,
    status: success ? 'Success' : 'Failure',
    status_code: String(statusCode),
    status_detail: problem?.code,
    // What the proxy refuses it answers with 4xx; what it let in and could not get done, with 5xx, or by breaking off.
    ...(problem === undefined ? ALLOWED : statusCode < 500 && !brokenOff ? REFUSED : FAILED),
    duration: Math.max(0, outcome.endTime - request.startTime),
    end_time: outcome.endTime,
    api: { ...base.api, response: { code: statusCode, error: problem?.code, error_message: problem?.title } },
    http_response: {
      code: statusCode,
      content_type: fieldOf(outcome.headers, 'content-type', redactMediaType, destination?.rules),
      body_length: outcome.body.length,
      latency: outcome.upstreamUs === undefined ? undefined : Math.round(outcome.upstreamUs / 1000),
      http_headers: recordedHeaders(outcome.headers, RECORDED_RESPONSE_HEADERS, destination?.rules),
    },
    trace: trace(request, outcome.endTime),
    unmapped: {
      ...commonUnmapped(request, destination, writer),
      phase: 'outcome',
      forwarded: outcome.forwarded,
      response_body: outcome.body,
      retries: outcome.retries,
      upstream_us: outcome.upstreamUs,
      attempt_us: outcome.attemptUs,
      waited_us: outcome.waitedUs,
    },
  };
}

/** The closing event (OCSF Application Lifecycle: Stop), with which a writer ends its chain. */
export function closingDraft(writer: WriterFacts, from: UidsAndClock): EventDraft {
  const time = from.now();
  return {
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
    message: 'The writer stopped and closed its chain',
    app: product(writer),
    cloud: cloud(writer),
    metadata: { ...metadata(writer, from), correlation_uid: from.uid(), logged_time: time },
    unmapped: { phase: 'closing', environment: writer.environment },
  };
}

const ALLOWED = { action_id: 1, action: 'Allowed', disposition_id: 1, disposition: 'Allowed' } as const;
const REFUSED = { action_id: 2, action: 'Denied', disposition_id: 2, disposition: 'Blocked' } as const;
const FAILED = { action_id: 1, action: 'Allowed', disposition_id: 27, disposition: 'Error' } as const;

function common(request: RequestFacts, destination: Destination | undefined, writer: WriterFacts, from: UidsAndClock) {
  const activity = activityOf(request.method);
  const redacted = redactedRequest(request, destination?.rules);
  return {
    time: request.time,
    class_uid: 6003,
    class_name: 'API Activity' as const,
    category_uid: 6,
    category_name: 'Application Activity' as const,
    activity_id: activity.id,
    activity_name: activity.name,
    type_uid: 600300 + activity.id,
    type_name: `API Activity: ${activity.name}`,
    start_time: request.startTime,
    actor: request.authorizations
      ? { ...request.who.actor, authorizations: request.authorizations }
      : request.who.actor,
    api: {
      operation: `${request.method} ${destination?.routePath ?? '(no route)'}`,
      service: destination && { name: destination.service },
      request: { uid: redacted.requestUid },
      version: request.payloadVersion,
    },
    http_request: {
      http_method: request.method,
      url: {
        scheme: request.scheme,
        hostname: redacted.hostname,
        path: redacted.path,
        query_string: redacted.query,
      },
      user_agent: redacted.userAgent,
      referrer: redacted.referrer,
      version: request.protocol,
      x_forwarded_for: [...redacted.forwardedFor],
      http_headers: redacted.headers.map((header) => ({ ...header })),
      body_length: request.body.length,
    },
    src_endpoint: request.source,
    dst_endpoint: destination && {
      hostname: destination.hostname,
      port: destination.port,
      svc_name: destination.service,
    },
    resources: [{ name: redacted.path, type: 'path' }],
    cloud: cloud(writer),
    trace: trace(request, request.startTime),
    metadata: { ...metadata(writer, from), correlation_uid: request.correlationUid, logged_time: from.now() },
  };
}

function commonUnmapped(request: RequestFacts, destination: Destination | undefined, writer: WriterFacts) {
  return {
    guarantee: destination?.guarantee,
    who_type: request.who.type,
    route: destination?.routePath,
    extended_request_id: request.extendedRequestUid,
    api_uid: request.apiUid,
    stage: request.stage,
    request_body: request.body,
    environment: writer.environment,
    invocation_uid: request.invocationUid,
  };
}

function metadata(writer: WriterFacts, from: UidsAndClock) {
  return {
    version: OCSF_VERSION,
    log_version: SCHEMA_VERSION,
    uid: from.uid(),
    product: product(writer),
    profiles: PROFILES,
  };
}

function product(writer: WriterFacts) {
  return { name: PRODUCT_NAME, vendor_name: PRODUCT_NAME, version: writer.productVersion, uid: writer.functionName };
}

function cloud(writer: WriterFacts) {
  return {
    provider: writer.provider,
    region: writer.region,
    account: writer.accountUid ? { uid: writer.accountUid } : undefined,
  };
}

function trace({ trace, startTime }: RequestFacts, endTime: number) {
  return {
    uid: trace.traceId,
    span: { uid: trace.spanId, parent_uid: trace.parentSpanId, start_time: startTime, end_time: endTime },
  };
}

/** OCSF activity of a method; what is none of them is Other. */
function activityOf(method: string): { id: number; name: string } {
  switch (method) {
    case 'POST':
      return { id: 1, name: 'Create' };
    case 'GET':
    case 'HEAD':
    case 'OPTIONS':
      return { id: 2, name: 'Read' };
    case 'PUT':
    case 'PATCH':
      return { id: 3, name: 'Update' };
    case 'DELETE':
      return { id: 4, name: 'Delete' };
    default:
      return { id: 99, name: 'Other' };
  }
}
