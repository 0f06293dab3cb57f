import { randomUUID } from 'node:crypto';
import fc from 'fast-check';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Assertions } from '../../../lambda/proxy/assertion/assertions';
import { JWKS_PATH } from '../../../lib/routing/assertion';
import { GATEWAY_SECRET_VARIABLE } from '../../../lib/routing/gateway-secret';
import {
  GATEWAY_SECRET,
  GATEWAY_SECRET_HASHES,
  httpEvent,
  invocation,
  restEvent,
  STAGE_VARIABLES,
} from '../../support/gateway-events';
import { bench, stream, type Bench } from '../../support/handler-bench';
import { schemaErrors } from '../../support/ocsf';
import { startService, type Service } from '../../support/services';

/** A failing run names its seed; AUDIT_PROXY_SEED runs it again, AUDIT_PROXY_FORGED_INVOCATIONS makes it longer. */
const seed = Number(process.env.AUDIT_PROXY_SEED ?? 20_261_124);
const numRuns = Number(process.env.AUDIT_PROXY_FORGED_INVOCATIONS ?? 300);

/** Stands in every place by which somebody could pass for somebody. */
const MALLORY = 'mallory';
const ARN = `arn:aws:iam::123456789012:user/${MALLORY}`;

let service: Service;
let proxy: Bench;
let signed: number;
let keySets: number;

const assertions = {
  sign: async () => ((signed += 1), 'a.signed.assertion'),
  keySetAnswer: async () => ((keySets += 1), { statusCode: 200, headers: [], body: Buffer.from('{}') }),
} as unknown as Assertions;

beforeAll(async () => {
  service = await startService();
  proxy = bench([{ path: '/', upstream: service.url }], { assertions });
});
afterAll(() => service.stop());
beforeEach(() => {
  signed = keySets = 0;
  service.received.length = 0;
});

type Json = Record<string, unknown>;

const identity = {
  userArn: ARN,
  user: MALLORY,
  caller: MALLORY,
  accountId: '999999999999',
  accessKey: MALLORY,
  cognitoIdentityId: MALLORY,
  apiKeyId: MALLORY,
  sourceIp: '198.51.100.66',
  clientCert: { subjectDN: `CN=${MALLORY}`, issuerDN: `CN=${MALLORY}`, serialNumber: MALLORY },
};
const claims = { sub: MALLORY, email: `${MALLORY}@example.com`, iss: `https://${MALLORY}.example` };
const ids = { requestId: MALLORY, extendedRequestId: MALLORY, apiId: MALLORY, stage: MALLORY, accountId: MALLORY };
const headers = [
  ['Authorization', `Bearer ${MALLORY}`],
  ['User-Agent', MALLORY],
  ['X-Forwarded-For', '198.51.100.66'],
  ['Host', `${MALLORY}.example`],
] as const;

const paths = fc.constantFrom(
  '/orders/7',
  '/',
  JWKS_PATH,
  '/orders/../admin',
  '//x',
  '/caf%C3%A9',
  '/\ud800\u0000',
  '',
);
const methods = fc.constantFrom('GET', 'POST', 'DELETE', 'get', 'CONNECT', 'A'.repeat(100), '');

const rest = fc.tuple(paths, methods).map(
  ([path, method]) =>
  restEvent({ path, method, headers, body: 'x', identity, context: { ...ids, authorizer: { claims, principalId: MALLORY } } } as object), // prettier-ignore
);
const http = fc.tuple(paths, methods).map(([rawPath, method]) =>
  httpEvent({
    rawPath,
    method,
    headers: Object.fromEntries(headers),
    body: 'x',
    context: {
      ...ids,
      http: { method, path: rawPath, protocol: 'HTTP/1.1', sourceIp: '198.51.100.66', userAgent: MALLORY },
      authorizer: { iam: { userArn: ARN, accountId: MALLORY }, jwt: { claims, scopes: [MALLORY] }, lambda: claims },
      authentication: { clientCert: identity.clientCert },
      timeEpoch: 1,
    },
  }),
);
const functionUrl = http.map((event) => ({
  ...event,
  requestContext: { ...event.requestContext, domainName: 'abc.lambda-url.eu-west-1.on.aws' },
}));
const alb = fc.tuple(paths, methods).map(([path, httpMethod]) => ({
  requestContext: { elb: { targetGroupArn: `arn:aws:elasticloadbalancing:eu-west-1:123456789012:targetgroup/${MALLORY}/1` } },
  httpMethod,
  path,
  headers: { ...Object.fromEntries(headers), 'x-amzn-oidc-identity': MALLORY },
  queryStringParameters: {},
  body: '',
  isBase64Encoded: false,
})); // prettier-ignore
const others = fc.oneof(
  fc.constantFrom<unknown>(null, 0, '', [], {}, { Records: [{ s3: { object: { key: MALLORY } } }] }, { version: '2.0' }), // prettier-ignore
  fc.jsonValue({ maxDepth: 3 }),
);

/** What a forger can put where the secret stands, who knows the function's configuration and not the stage's. */
const withoutSecret: fc.Arbitrary<unknown> = fc.oneof(
  fc.constantFrom<unknown>(
    undefined,
    null,
    {},
    [],
    'text',
    7,
    ...[GATEWAY_SECRET_HASHES[0], GATEWAY_SECRET.slice(0, -1), `${GATEWAY_SECRET} `, GATEWAY_SECRET.toUpperCase(), '', [GATEWAY_SECRET], { toString: GATEWAY_SECRET }, true].map((value) => ({ [GATEWAY_SECRET_VARIABLE]: value })), // prettier-ignore
    { another: GATEWAY_SECRET },
  ),
  fc.string().map((value) => ({ [GATEWAY_SECRET_VARIABLE]: value })),
);

/** Replaces or removes a field of the event, of its context, or of the identity or authorizer in that. */
const damage = fc.record({
  field: fc.nat(30),
  place: fc.constantFrom(undefined, 'identity', 'authorizer', 'http', ''),
  value: fc.oneof(fc.constant(undefined), fc.jsonValue({ maxDepth: 1 })),
});
type Damage = typeof damage extends fc.Arbitrary<infer T> ? T : never;

function damaged(event: unknown, damages: readonly Damage[]): unknown {
  if (typeof event !== 'object' || event === null || Array.isArray(event)) return event;
  const copy = structuredClone(event) as Json;
  for (const { field, place, value } of damages) {
    const context = place === undefined ? copy : mapIn(copy, 'requestContext');
    const within = place ? mapIn(context, place) : context;
    const names = Object.keys(within).filter((name) => name !== 'stageVariables');
    const name = names[field % Math.max(1, names.length)];
    if (name === undefined) continue;
    if (value === undefined) delete within[name];
    else within[name] = value;
  }
  return copy;
}

function mapIn(within: Json, name: string): Json {
  const value = within[name];
  return typeof value === 'object' && value !== null ? (value as Json) : within;
}

interface Answer {
  readonly statusCode: number;
  readonly text: string;
}

/** Invokes both functions, and gives the answers, each with the events that it left. */
async function invokeBoth(event: unknown) {
  const results = [];
  for (const way of ['buffered', 'streamed'] as const) {
    const before = { events: proxy.sink.persisted.length, done: proxy.extension.done };
    let answer: Answer;
    if (way === 'buffered') {
      const result = (await proxy.handler(event, invocation())) as { statusCode: number; body: string };
      answer = { statusCode: result.statusCode, text: result.body };
    } else {
      const { caller, done } = stream(proxy, event);
      expect(await done).toBeUndefined();
      answer = { statusCode: caller.prelude?.statusCode ?? 0, text: caller.body.toString() };
    }
    while (proxy.extension.done === before.done) await new Promise(setImmediate);
    results.push({ ...answer, events: proxy.sink.persisted.slice(before.events) });
  }
  return results;
}

const shapes = { rest, http, functionUrl, alb, others } as const;

describe(`an event without the stage's secret (AUDIT_PROXY_SEED=${seed})`, () => {
  it.each(Object.keys(shapes) as (keyof typeof shapes)[])(
    'of the shape %s is refused and recorded, and nobody is vouched for or called',
    async (shape) => {
      const events = fc.tuple(
        shapes[shape] as fc.Arbitrary<unknown>,
        withoutSecret,
        fc.array(damage, { maxLength: 3 }),
      );
      await fc.assert(
        fc.asyncProperty(events, async ([whole, stageVariables, damages]) => {
          const forged = damaged(whole, damages);
          const isMap = typeof forged === 'object' && forged !== null && !Array.isArray(forged);
          for (const answer of await invokeBoth(isMap ? { ...forged, stageVariables } : forged)) {
            expect([400, 403]).toContain(answer.statusCode);
            const code = answer.statusCode === 403 ? 'unverified_invocation' : 'unknown_event';
            expect(JSON.parse(answer.text)).toMatchObject({ type: `urn:cdk-audit-proxy:problem:${code}` });
            expect(answer.events).toMatchObject([
              {
                status_detail: code,
                disposition: 'Blocked',
                actor: { user: { name: 'unverified' } },
                api: { request: { uid: 'invocation-1' } },
                src_endpoint: { name: 'unknown' },
                unmapped: { phase: 'outcome', who_type: 'unverified', forwarded: false },
              },
            ]);
            const [recorded] = answer.events;
            expect(Math.abs(Date.now() - recorded!.time)).toBeLessThan(60_000);
            expect(schemaErrors(recorded!)).toEqual([]);
            // Damage may have put any text where the path was, but no claim of who or where from.
            expect(JSON.stringify(recorded)).not.toMatch(/mallory|198\.51\.100|999999999999/);
            expect(JSON.stringify(recorded) + answer.text).not.toContain(GATEWAY_SECRET);
          }
        }),
        { seed, numRuns: Math.ceil(numRuns / 5) },
      );
      expect([signed, keySets, service.received.length]).toEqual([0, 0, 0]);
    },
  );
});

describe(`an event with the stage's secret (AUDIT_PROXY_SEED=${seed})`, () => {
  it('is answered and recorded, however it is damaged, and the secret goes nowhere', async () => {
    const events = fc.tuple(fc.oneof(rest, http, alb), fc.array(damage, { maxLength: 3 }));
    const counts = { unknown: 0, known: 0 };
    await fc.assert(
      fc.asyncProperty(events, async ([whole, damages]) => {
        const event = { ...(damaged(whole, damages) as Json), stageVariables: STAGE_VARIABLES };
        for (const { statusCode, text, events: recorded } of await invokeBoth(event)) {
          expect(statusCode).toBeGreaterThanOrEqual(200);
          expect(recorded.length).toBeGreaterThan(0);
          expect(JSON.stringify(recorded) + text).not.toContain(GATEWAY_SECRET);
          const isUnknown = recorded.at(-1)!.status_detail === 'unknown_event';
          expect(recorded.every(({ unmapped }) => (unmapped.who_type === 'unverified') === isUnknown)).toBe(true);
          counts[isUnknown ? 'unknown' : 'known'] += 1;
        }
      }),
      { seed, numRuns: Math.ceil(numRuns / 3) },
    );
    expect(counts.unknown).toBeGreaterThan(0);
    expect(counts.known).toBeGreaterThan(0);
    for (const { rawHeaders, target, body } of service.received) {
      expect(JSON.stringify([rawHeaders, target, body.toString()])).not.toContain(GATEWAY_SECRET);
    }
  });

  it('is forwarded where it is whole', async () => {
    const id = randomUUID();
    for (const event of [restEvent({ path: `/orders/${id}` }), httpEvent({ rawPath: `/orders/${id}` })]) {
      for (const { statusCode } of await invokeBoth(event)) expect(statusCode).toBe(200);
    }
    expect([signed, service.received.length]).toEqual([4, 4]);
  });
});
