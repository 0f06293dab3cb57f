import { boolean, integer, list, required, string, struct, type Described, type Field, type ValueOf } from './field';

import { GUARANTEES, NOT_CAPTURED, PHASES, WHO_TYPES } from './vocabulary';

export * from './vocabulary';

/**
 * The single declaration of every field of an audit event: an OCSF API Activity record (class 6003),
 * or the Application Lifecycle record (6002) with which a writer opens or closes nothing but its chain.
 *
 * From it derive the TypeScript types, the Glue columns, the DuckDB types, the canonical serializer (in
 * TypeScript and in SQL), the JSON Schema and the data dictionary.
 *
 * The log outlives every version of this code: columns are append-only for ever. Add new fields at the end of
 * their struct; never remove, rename or retype one. `test/event/schema.snapshot.json` holds the build to it.
 *
 * @see https://schema.ocsf.io/1.9.0/classes/api_activity
 */

/** Longest captured body in UTF-16 code units. */
const MAX_CAPTURED_LENGTH = 1024 * 1024;

/** A SHA-256 in hex. `serialization` says over which bytes: JCS is RFC 8785. */
const fingerprint = (meaning: string) =>
  struct(meaning, {
    algorithm_id: required(integer('The hash algorithm.', { captions: { 3: 'SHA-256' } })),
    algorithm: required(string('Caption of `algorithm_id`.', { values: ['SHA-256'] })),
    encoding_id: required(integer('How the hash is written.', { captions: { 1: 'Hex' } })),
    serialization_id: required(integer('Which bytes were hashed.', { captions: { 2: 'JCS' } })),
    value: required(string('The hash, 64 lower-case hex digits.', { maxLength: 64 })),
  });

const product = (meaning: string) =>
  struct(meaning, {
    name: required(string('Name of the product.')),
    vendor_name: required(string('Who makes it.')),
    version: required(string('Its version.')),
    uid: string('The function or environment that ran it.', { source: 'AWS_LAMBDA_FUNCTION_NAME' }),
  });

const group = (meaning: string) =>
  struct(meaning, { name: string('Name of the group.'), uid: string('Id of the group.') });

const header = struct('One header field; a repeated header has one entry a value.', {
  name: required(string('Header name in lower case.')),
  value: required(string('Header value.')),
});

const body = (meaning: string) =>
  struct(meaning, {
    length: required(integer('Length of the body in bytes, as it travelled (after content coding).')),
    sha256: required(string('SHA-256 of these bytes, 64 lower-case hex digits.', { maxLength: 64 })),
    content: string('The body itself, redacted, where the route captures it; cut first when an event is too large.', {
      maxLength: MAX_CAPTURED_LENGTH,
    }),
    payload: string('Key of the object that holds the captured body, where it is too large to lie here.'),
    captured_length: integer('Length in bytes of the captured body: decoded, redacted, cut to what the route takes.'),
    is_cut: boolean('True where the captured body is only the beginning.'),
    not_captured: string('Why the body was not captured (whole), where the route asks for it.', {
      values: NOT_CAPTURED,
    }),
  });

const prevEvent = struct('The event before this one in the chain; absent on the first.', {
  uid: required(string('Its `metadata.uid`.')),
  type_uid: required(integer('Its `type_uid`.')),
  fingerprint: required(fingerprint('Its fingerprint.')),
});

export const auditEventSchema = {
  time: required(
    integer('When the request arrived, in milliseconds since the Unix epoch (UTC).', {
      source: 'API Gateway requestContext.requestTimeEpoch (v1) or .timeEpoch (v2)',
    }),
  ),
  class_uid: required(
    integer('The OCSF class.', { captions: { 6002: 'Application Lifecycle', 6003: 'API Activity' } }),
  ),
  class_name: required(string('Caption of `class_uid`.', { values: ['Application Lifecycle', 'API Activity'] })),
  category_uid: required(integer('The OCSF category.', { captions: { 6: 'Application Activity' } })),
  category_name: required(string('Caption of `category_uid`.', { values: ['Application Activity'] })),
  activity_id: required(
    integer(
      'What was done, by HTTP method: POST creates, GET, HEAD and OPTIONS read, PUT and PATCH update, DELETE deletes. On class 6002: 4 is Stop.',
      {
        captions: { 0: 'Unknown', 1: 'Create', 2: 'Read', 3: 'Update', 4: 'Delete', 99: 'Other' },
      },
    ),
  ),
  activity_name: required(string('Caption of `activity_id`.')),
  type_uid: required(integer('`class_uid` × 100 + `activity_id`.')),
  type_name: required(string('Caption of `type_uid`.')),
  severity_id: required(
    integer('Informational, or Low where the result is a failure.', {
      captions: { 1: 'Informational', 2: 'Low' },
    }),
  ),
  severity: required(string('Caption of `severity_id`.')),
  message: string('One line for people: method, path and result.'),
  status_id: integer('With what result: below 400 is a success. Unknown on an attempt.', {
    captions: { 0: 'Unknown', 1: 'Success', 2: 'Failure' },
  }),
  status: string('Caption of `status_id`.'),
  status_code: string('The HTTP status code that the caller got.'),
  status_detail: string(
    'Why the proxy itself answered, or the answer broke off: the problem code, e.g. `upstream_unreachable`.',
  ),
  action_id: integer('Whether the request was let in.', { captions: { 1: 'Allowed', 2: 'Denied' } }),
  action: string('Caption of `action_id`.'),
  disposition_id: integer('What became of it.', { captions: { 1: 'Allowed', 2: 'Blocked', 27: 'Error' } }),
  disposition: string('Caption of `disposition_id`.'),
  duration: integer('From the start of the invocation until the answer was known, in milliseconds.'),
  start_time: integer('When the function began with the request, epoch milliseconds.'),
  end_time: integer('When the answer was known, epoch milliseconds.'),

  actor: struct('Who asked, as API Gateway verified it.', {
    user: struct('The caller.', {
      name: string('Name of the caller.', { source: 'claims email, username or name; last part of the IAM ARN' }),
      uid: string('Stable id of the caller.', { source: 'claim sub; IAM user ARN; principalId; API key id' }),
      type_id: integer('Kind of account.', { captions: { 0: 'Unknown', 1: 'User', 4: 'Service', 99: 'Other' } }),
      type: string('Caption of `type_id`.'),
      email_addr: string('E-mail address.', { source: 'claim email' }),
      domain: string('Issuer or directory of the account.'),
      groups: list('Groups of the caller.', group('One group.'), { source: 'claim cognito:groups or groups' }),
      account: struct('The AWS account of the caller.', {
        uid: required(string('AWS account id.', { source: 'identity.accountId' })),
        type_id: integer('Kind of account.', { captions: { 3: 'AWS IAM User', 4: 'AWS IAM Role', 10: 'AWS Account' } }),
        type: string('Caption of `type_id`.'),
      }),
      org: struct('The AWS organization of the caller.', {
        uid: required(string('Organization id.', { source: 'identity.principalOrgId' })),
      }),
      programmatic_credentials: list(
        'Credentials used; ids only, never the secret.',
        struct('One credential.', {
          uid: required(string('Access key id or API key id.', { source: 'identity.accessKey or .apiKeyId' })),
          type: string('Kind of credential.'),
        }),
      ),
    }),
    session: struct('The session in which the caller acted.', {
      uid: string('Session name or token id.', { source: 'role session name; claim jti or origin_jti' }),
      issuer: string('Who issued it.', { source: 'role ARN; claim iss' }),
      created_time: integer('When it began, epoch milliseconds.', { source: 'claim auth_time or iat' }),
      expiration_time: integer('When it ends, epoch milliseconds.', { source: 'claim exp' }),
      is_mfa: boolean('Whether a second factor was used.', { source: 'claim amr' }),
    }),
    idp: struct('The identity provider.', {
      name: required(string('Its name.')),
      issuer: string('Its issuer URL.', { source: 'claim iss' }),
      protocol_name: string('How it identified the caller, e.g. OpenID Connect, SigV4.'),
    }),
    authorizations: list(
      'What was decided about the request.',
      struct('One decision.', {
        decision: string('Allow or Deny.'),
        policy: struct('By which rule.', {
          name: required(
            string('The rule or Cedar policy that decided; `(default)` where none did, `(error)` where it failed.'),
          ),
          uid: string('Id of the policy, where it has one beside its name.'),
          version: string('SHA-256 of the policy’s canonical form, 64 lower-case hex digits.'),
          type: string('Kind of policy: `rules` or `cedar`.'),
          is_applied: boolean('False in a dry run.'),
        }),
      }),
    ),
    app_name: string('The program with which the caller acted.', { source: 'claim client_id or azp' }),
    app_uid: string('Id of that program.', { source: 'claim client_id, azp or aud' }),
  }),

  api: struct('What was called.', {
    operation: required(string('Method and route, e.g. `GET /orders`; `GET (no route)` where none matched.')),
    service: struct('The service behind the route.', {
      name: required(string('The route’s `service`.')),
    }),
    request: struct('The request.', {
      uid: required(
        string(
          'API Gateway’s request id. A caller of a REST API can choose it: join by `unmapped.extended_request_id`.',
          {
            source: 'requestContext.requestId',
          },
        ),
      ),
    }),
    response: struct('The answer.', {
      code: required(integer('HTTP status code.')),
      error: string('Problem code where the proxy itself answered.'),
      error_message: string('The problem’s title.'),
    }),
    version: string('Format of the event: 1.0 (REST API) or 2.0 (HTTP API).'),
  }),

  http_request: struct('The request as it came, secrets left out.', {
    http_method: required(string('HTTP method.')),
    url: required(
      struct('The target.', {
        scheme: string('https, or http in the local pipeline.'),
        hostname: string('The host that was asked.', { source: 'requestContext.domainName or the Host header' }),
        path: required(string('Path, percent-encoded as it was forwarded; parts that look like secrets are redacted.')),
        query_string: string('Query, percent-encoded; values that look like secrets are redacted.'),
      }),
    ),
    user_agent: string('User-Agent header.'),
    referrer: string('Referer header; query redacted.'),
    version: string('HTTP version.', { source: 'requestContext.protocol' }),
    x_forwarded_for: list(
      'X-Forwarded-For as it came; its first entries are the caller’s claim.',
      // OCSF takes no longer ones.
      string('One address.', { maxLength: 40 }),
    ),
    http_headers: list('Headers on the allow-list.', header),
    body_length: integer('Length of the body in bytes.'),
  }),

  http_response: struct('The answer that the caller got.', {
    code: required(integer('HTTP status code.')),
    content_type: string('Content-Type header.'),
    body_length: integer('Length of the body in bytes.'),
    latency: integer('From forwarding until the last byte of the service’s answer, in milliseconds.'),
    http_headers: list('Headers on the allow-list.', header),
  }),

  src_endpoint: struct('Where from.', {
    ip: string('Address of the caller, as API Gateway saw it.', { source: 'identity.sourceIp', maxLength: 40 }),
    port: integer('Port of the caller.'),
    vpc_uid: string('VPC of the caller, on private APIs.', { source: 'identity.vpcId' }),
    interface_uid: string('VPC endpoint, on private APIs.', { source: 'identity.vpceId' }),
    name: string('`unknown` where API Gateway gave no address.'),
  }),

  dst_endpoint: struct('Where to.', {
    hostname: string('Host of the service.'),
    port: integer('Port of the service.'),
    svc_name: string('Name of the service.'),
  }),

  resources: list(
    'What was touched.',
    struct('One resource.', {
      name: required(string('The request’s path.')),
      type: string('Kind of resource: `path`.'),
      uid: string('Id of the resource.'),
    }),
  ),

  cloud: struct('Where the proxy ran.', {
    provider: required(string('AWS, or `local`.')),
    region: string('AWS region.', { source: 'AWS_REGION' }),
    account: struct('The account.', {
      uid: required(string('AWS account id.', { source: 'requestContext.accountId' })),
    }),
  }),

  trace: struct('W3C trace context.', {
    uid: required(string('Trace id, 32 hex digits.', { source: 'traceparent header, or started here' })),
    span: struct('The span of the proxy.', {
      uid: required(string('Span id, 16 hex digits; it is the parent that the service sees.')),
      parent_uid: string('Span id of the caller.', { source: 'traceparent header' }),
      start_time: required(integer('Epoch milliseconds.')),
      end_time: required(integer('Epoch milliseconds; on an attempt the same as `start_time`.')),
    }),
  }),

  app: struct('On a closing event (class 6002): the writer that stopped.', product('The writer.').fields),

  metadata: required(
    struct('About the record.', {
      version: required(string('OCSF version.')),
      log_version: required(string('Version of this declaration.')),
      uid: required(string('Id of the event. Duplicates of one event carry the same.')),
      correlation_uid: required(string('Same in the attempt and the outcome of one request; made by the function.')),
      sequence: required(integer('Place in the chain, from 0.', { min: 0 })),
      product: required(product('What wrote the event.')),
      profiles: required(list('OCSF profiles used.', string('Name of a profile.'))),
      logged_time: integer('When the event was built, epoch milliseconds.'),
      is_truncated: boolean('True where something was cut because it was too long.'),
      untruncated_size: integer('Size of the event in bytes before it was cut.'),
    }),
  ),

  attestation_list: required(
    list(
      'Proof of integrity: exactly one entry.',
      struct('One attestation.', {
        chain_uid: required(string('The chain, that is: the writer (one function environment).')),
        prev_event: prevEvent,
        fingerprint: required(
          fingerprint('SHA-256 over the canonical form (RFC 8785) of the event without this field.'),
        ),
      }),
      { length: 1 },
    ),
  ),

  unmapped: required(
    struct('What OCSF has no field for.', {
      phase: required(string('Which event of a request this is.', { values: PHASES })),
      guarantee: string('When an event must be durable, relative to the request.', { values: GUARANTEES }),
      who_type: string('How the caller was identified.', { values: WHO_TYPES }),
      route: string('Path prefix of the route.'),
      extended_request_id: string(
        'API Gateway’s extended request id, which no caller can choose; joins with the edge log.',
        {
          source: 'requestContext.extendedRequestId (v1), .requestId (v2)',
        },
      ),
      api_uid: string('Id of the API.', { source: 'requestContext.apiId' }),
      stage: string('Stage of the API.', { source: 'requestContext.stage' }),
      forwarded: boolean('Whether the service was called. False on every attempt.'),
      request_body: body('The request’s body.'),
      response_body: body('The answer’s body.'),
      retries: integer('How often the call to the service was tried again.'),
      upstream_us: integer('Time the service took, in microseconds.'),
      attempt_us: integer('Time until the attempt was durable, in microseconds.'),
      waited_us: integer('How long the answer waited for the attempt after the service was done, in microseconds.'),
      unconfirmed: list(
        'Events of this chain that got no acknowledgement: a gap that the writer itself names.',
        struct('One event.', {
          uid: required(string('Its `metadata.uid`.')),
          fingerprint: required(string('Its fingerprint, 64 lower-case hex digits.', { maxLength: 64 })),
          extended_request_id: string('Its `unmapped.extended_request_id`: the request that may have no event.'),
        }),
      ),
      environment: string('The function environment that wrote the event.', { source: 'AWS_LAMBDA_LOG_STREAM_NAME' }),
      invocation_uid: string('The invocation that wrote the event.', { source: 'context.awsRequestId' }),
    }),
  ),
} as const satisfies Readonly<Record<string, Field>>;

/** The event as one struct, for code that walks the declaration. */
export const auditEventStruct = {
  kind: 'struct',
  meaning: 'One audit event.',
  required: true,
  fields: auditEventSchema,
} as const satisfies Described & { kind: 'struct'; fields: Readonly<Record<string, Field>> };

/** One audit event, sealed into its chain. */
export type AuditEvent = ValueOf<typeof auditEventStruct>;
