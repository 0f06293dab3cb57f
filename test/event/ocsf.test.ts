import { Ajv2020 } from 'ajv/dist/2020';
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { attemptDraft, closingDraft, outcomeDraft } from '../../lib/event/build';
import { Chain, type EventDraft } from '../../lib/event/chain';
import { eventJsonSchema } from '../../lib/event/json-schema';
import { leaves } from '../../lib/event/leaves';
import type { OutcomeFacts, RequestFacts, Who } from '../../lib/event/request-facts';

/** OCSF's classes as JSON Schema lie beside the repo where it is developed; elsewhere this part cannot run. */
const OCSF_FOLDER = path.join(__dirname, '../../../shared/ocsf');
const hasOcsf = existsSync(path.join(OCSF_FOLDER, 'api_activity.schema.json'));
if (!hasOcsf) {
  console.warn(
    'NOT CHECKED: events against the OCSF schema, since ../shared/ocsf/api_activity.schema.json is not there. ' +
      'The project’s own schema is checked.',
  );
}

interface OcsfSchema {
  readonly type?: string;
  readonly $ref?: string;
  readonly $comment?: string;
  readonly const?: string | number;
  readonly maxLength?: number;
  readonly items?: OcsfSchema;
  readonly properties?: Readonly<Record<string, OcsfSchema>>;
  readonly $defs?: Readonly<Record<string, OcsfSchema>>;
}

function ocsf(name: 'api_activity' | 'application_lifecycle'): OcsfSchema {
  return JSON.parse(readFileSync(path.join(OCSF_FOLDER, `${name}.schema.json`), 'utf8')) as OcsfSchema;
}

const own = new Ajv2020({ allErrors: true }).compile(eventJsonSchema());
const ajv = new Ajv2020({ allErrors: true, strict: false });

const drafts = everyKindOfEvent();

describe('an event as the builders make it', () => {
  const chain = new Chain('chain');
  const sealed = drafts.map(([name, draft]) => [name, JSON.parse(chain.seal(draft).line) as Sealed] as const);

  it.each(sealed)('%s fits the project’s own schema', (_, event) => {
    own(event);
    expect(own.errors).toBeNull();
  });

  it.runIf(hasOcsf).each(sealed)('%s fits OCSF', (_, event) => {
    const validate = ajv.compile(ocsf(event.class_uid === 6002 ? 'application_lifecycle' : 'api_activity'));
    validate(event);
    ajv.removeSchema();
    expect(validate.errors).toBeNull();
  });
});

describe.runIf(hasOcsf)('the declaration', () => {
  // `app` belongs to closing events, and `unmapped` is ours.
  const declared = leaves().filter(({ path }) => !path.startsWith('unmapped.'));

  it.each(declared.map((leaf) => [leaf.path, leaf] as const))('%s is what OCSF says', (path, { field }) => {
    const schema = ocsf(path.startsWith('app.') ? 'application_lifecycle' : 'api_activity');
    const found = at(schema, path);
    // A class has one class_uid and one category_uid.
    expect(found?.type ?? kindOf(found?.const)).toBe(field.kind);

    if (field.kind === 'string' && found?.maxLength !== undefined) {
      expect(field.maxLength).toBeLessThanOrEqual(found.maxLength);
    }
    if (field.kind === 'integer' && field.captions && found?.const === undefined) {
      const captions = new Map(found?.$comment?.split('; ').map((pair) => pair.split('=') as [string, string]));
      for (const [value, caption] of Object.entries(field.captions)) expect(captions.get(value)).toBe(caption);
    }
  });
});

/** The schema of a dotted path. */
function at(schema: OcsfSchema, path: string): OcsfSchema | undefined {
  const resolve = (part: OcsfSchema | undefined) =>
    part?.$ref === undefined ? part : schema.$defs?.[part.$ref.replace('#/$defs/', '')];
  let found: OcsfSchema | undefined = schema;
  for (const step of path.split('.')) {
    const name = step.replaceAll('[]', '');
    found = resolve(found?.properties?.[name]);
    for (let lists = step.split('[]').length - 1; lists > 0; lists -= 1) found = resolve(found?.items);
  }
  return found;
}

function kindOf(value: unknown): string {
  return Number.isInteger(value) ? 'integer' : typeof value;
}

type Sealed = Record<string, unknown>;

function everyKindOfEvent(): [name: string, draft: EventDraft][] {
  const time = Date.UTC(2026, 10, 24, 7);
  let uids = 0;
  const from = { uid: () => `uid-${(uids += 1)}`, now: () => time + 30 };
  const writer = {
    provider: 'AWS',
    region: 'eu-central-1',
    accountUid: '123456789012',
    functionName: 'proxy',
    productVersion: '0.1.0',
    environment: '2026/11/24/[$LATEST]0a1b2c',
  } as const;
  const body = { length: 2, sha256: 'a'.repeat(64) };
  const alice: Who = { type: 'iam', actor: { user: { name: 'alice', uid: 'arn:aws:iam::123456789012:user/alice' } } };
  const request: RequestFacts = {
    time,
    startTime: time + 3,
    correlationUid: 'correlation',
    requestUid: 'request',
    extendedRequestUid: 'extended',
    payloadVersion: '1.0',
    method: 'POST',
    scheme: 'https',
    hostname: 'api.example.com',
    path: '/orders/7',
    query: 'page=2',
    protocol: 'HTTP/1.1',
    headers: [
      ['User-Agent', 'curl/8.7.1'],
      ['Accept', '*/*'],
      ['Referer', 'https://example.com/'],
      ['X-Forwarded-For', `192.0.2.7, 2001:db8:1234:5678:9abc:def0:1234:5678, ${'9'.repeat(200)}`],
    ],
    body,
    who: alice,
    source: { ip: '192.0.2.7' },
    trace: { traceId: '4bf92f3577b34da6a3ce929d0e0e4736', spanId: '00f067aa0ba902b7' },
  };
  const destination = {
    routePath: '/orders',
    service: 'orders',
    guarantee: 'BEFORE_RESPONSE',
    hostname: 'orders.internal',
    port: 8080,
  } as const;
  const answer: OutcomeFacts = {
    endTime: time + 25,
    statusCode: 201,
    headers: [['Content-Type', 'application/json']],
    body,
    forwarded: true,
    upstreamUs: 20_400,
    attemptUs: 8_000,
    waitedUs: 0,
    retries: 0,
  };
  const problem = { code: 'upstream_unreachable', title: 'The service could not be reached' };
  const hostile: RequestFacts = { ...request, method: 'PROPFIND', path: '/\u0000"\\\ud800', query: '', headers: [] };

  return [
    ['an attempt', attemptDraft(request, destination, writer, from)],
    ['an outcome', outcomeDraft(request, destination, answer, writer, from)],
    ['a failure', outcomeDraft(request, destination, { ...answer, statusCode: 502, problem }, writer, from)],
    [
      'a request without a route',
      outcomeDraft(request, undefined, { ...answer, forwarded: false, problem }, writer, from),
    ],
    ['a hostile request', attemptDraft(hostile, destination, writer, from)],
    ['a closing event', closingDraft(writer, from)],
  ];
}
