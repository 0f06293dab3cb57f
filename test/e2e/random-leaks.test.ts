import fc from 'fast-check';
import { expect, it } from 'vitest';
import { Privacy } from '../../lambda/proxy/privacy/privacy';
import type { NewObject } from '../../lambda/recorder/aws/put-object';
import { systemClock } from '../../lambda/recorder/clock';
import { attemptDraft, outcomeDraft } from '../../lib/event/build';
import { Chain } from '../../lib/event/chain';
import type { HeaderPair } from '../../lib/event/privacy/headers';
import { resolveRoute } from '../../lib/routing/route';
import { codings } from '../event/privacy/codings';
import { DESTINATION, fixedUidsAndClock, outcomeFacts, requestFacts, WRITER } from '../support/request-facts';
import { writtenForms } from './written-forms';

/** How many requests are made. */
const REQUESTS = Number(process.env.AUDIT_PROXY_LEAK_REQUESTS ?? 1_000);

/** What is looked for. It looks like nothing: only name and place tell that it is a secret. */
const SECRET = 'hunterzzswordfish';

const NAMES = [
  'token', 'accessToken', 'password', 'user[password]', 'psk', 'mnemonic', 'seed', 'sentry_dsn', 'connection_string',
  'security_answer', 'mfa', 'webhook_url', 'passwort', 'Kennwort', 'mot_de_passe', 'motDePasse', 'contraseña', 'clave',
  'nuevaClave', 'senha', 'palavra-passe', 'api.key', 'client-secret', 'code', 'PIN',
]; // prettier-ignore
/** Texts that tell a secret. */
const TELLS: readonly ((name: string) => string)[] = [
  (name) => `${name}=${SECRET}`,
  (name) => `a=${name}=${SECRET}`,
  (name) => `msg="${name}=${SECRET}"`,
  (name) => `page=1&${name}=${SECRET}&b=2`,
  (name) => `/login?return=${name}=${SECRET}`,
  (name) => `${name}: ${SECRET}`,
  (name) => JSON.stringify({ [name]: SECRET }),
  (name) => JSON.stringify({ a: [{ b: { [name]: [SECRET] } }] }),
  (name) => JSON.stringify({ name, value: SECRET }),
  (name) => JSON.stringify({ newValue: SECRET, field: name }),
  (name) => JSON.stringify([['a', 'b'], [name, SECRET]]), // prettier-ignore
  (name) => JSON.stringify({ body: JSON.stringify({ [name]: SECRET }) }),
  () => `https://bob:${SECRET}@host/`,
  () => `HTTPS:\\\\${SECRET}@host/x`,
  () => `//bob:${SECRET}@host`,
  () => `https:bob:${SECRET}@host`,
  () => `https://bob%3A${SECRET}%40host/`,
  () => `postgres://bob:a/${SECRET}@db/x`,
];
const ANNOUNCING = ['reset', 'invite', 'token', 'password-reset', 'Reset', 'r%65set', 'magic-link', 'otp', 'passwort'];

interface Planted {
  readonly place: string;
  readonly path?: string;
  readonly query?: string;
  readonly headers?: readonly HeaderPair[];
  readonly answerHeaders?: readonly HeaderPair[];
  readonly body?: readonly [type: string, text: string];
}

/** Where a text may stand, in such a way that it is told as what it is. */
const PLACES: Readonly<Record<string, (text: string, name: string) => Omit<Planted, 'place'>>> = {
  'a query value': (text) => ({ query: `page=2&q=${encodeURIComponent(text)}` }),
  'a lone query': (text) => ({ query: encodeURIComponent(text) }),
  'a named query value': (_, name) => ({ query: `page=2&${encodeURIComponent(name)}=${SECRET}` }),
  'a query that names another': (_, name) => ({ query: `value=${SECRET}&name=${encodeURIComponent(name)}` }),
  'a path segment': (text) => ({ path: `/orders/${encodeURIComponent(text)}/x` }),
  'a matrix parameter': (_, name) => ({ path: `/orders;v=1;${encodeURIComponent(name)}=${SECRET}/x` }),
  Referer: (text) => ({ headers: [['referer', `https://shop.example/a?b=${encodeURIComponent(text)}#${SECRET}`]] }),
  'a path in Referer': (text) => ({ headers: [['Referer', `https://shop.example/${encodeURIComponent(text)}`]] }),
  'userinfo in Referer': () => ({ headers: [['Referer', `hTTps:/\\bob:${SECRET}@shop.example/a`]] }),
  Origin: (text) => ({ headers: [['origin', `https://${SECRET}@shop.example?x=${encodeURIComponent(text)}`]] }),
  'User-Agent': (text) => ({ headers: [['user-agent', `app/1 (${text})`]] }),
  'a recorded header': (text) => ({ headers: [['x-shown', text], ['accept', text], ['via', text]] }), // prettier-ignore
  'an opaque header': (text) => ({ headers: [['if-none-match', `"${text}"`], ['traceparent', text]] }), // prettier-ignore
  'a header that is not recorded': () => ({ headers: [['Authorization', SECRET], ['cookie', SECRET]] }), // prettier-ignore
  'X-Forwarded-For': (text) => ({ headers: [['x-forwarded-for', text]] }),
  Location: (text) => ({ answerHeaders: [['location', `/cb?x=${encodeURIComponent(text)}`]] }),
  'a header of the answer': (text) => ({ answerHeaders: [['server', text], ['etag', text], ['set-cookie', SECRET]] }), // prettier-ignore
  'a string of JSON': (text) => ({ body: ['application/json', JSON.stringify({ a: 1, note: text })] }),
  'a name of JSON': (text) => ({ body: ['application/json', JSON.stringify({ [text]: 1 })] }),
  'JSON in escapes': (_, name) => ({ body: ['application/json', `{"${escapes(name)}":"${escapes(SECRET)}"}`] }),
  'one of two members': (_, name) => ({ body: ['application/json', `{"${name}":1,"${name}":"${SECRET}","a":2}`] }),
  'a form value': (text) => ({ body: ['application/x-www-form-urlencoded', `a=1&note=${encodeURIComponent(text)}`] }),
  'a form': (_, name) => ({ body: ['application/x-www-form-urlencoded', `${encodeURIComponent(name)}=${SECRET}&a=1`] }),
  'JSON under the type of a form': (_, name) => ({ body: ['application/x-www-form-urlencoded', `{"${name}":"${SECRET}"}`] }),
  'a body of a type that is not parsed': (text) => ({ body: ['text/plain', text] }),
  'a body that is left out': () => ({ body: ['application/json', `{"other":{"id":"${SECRET}"}}`] }),
}; // prettier-ignore

const escapes = codings['JSON escapes of every character']!;

const planted: fc.Arbitrary<Planted> = fc.oneof(
  {
    weight: 9,
    arbitrary: fc
      .record({
        place: fc.constantFrom(...Object.keys(PLACES)),
        name: fc.constantFrom(...NAMES),
        tell: fc.constantFrom(...TELLS),
        inner: fc.constantFrom(...Object.keys(codings)),
        outer: fc.constantFrom(...Object.keys(codings)),
      })
      .map(({ place, name, tell, inner, outer }) => {
        const text = codings[outer]!(codings[inner]!(tell(name)));
        return { place: `${place}: ${text}`, ...PLACES[place]!(text, name) };
      }),
  },
  {
    weight: 1,
    arbitrary: fc
      .record({ word: fc.constantFrom(...ANNOUNCING), way: fc.constantFrom('/', '//', '/./', '/%2e/', '%2F', ';v=1/') })
      .map(({ word, way }) => ({ place: 'an announced segment', path: `/users/${word}${way}${SECRET}` })),
  },
);

it(`nothing that is recorded of ${REQUESTS} random requests tells a secret that was planted in it`, async () => {
  const stored: NewObject[] = [];
  const record = {
    headers: ['x-shown'],
    capture: { request: {}, response: {} },
  };
  const route = resolveRoute({ path: '/orders', upstream: 'http://a', record });
  const only = resolveRoute({
    path: '/only',
    upstream: 'http://a',
    record: { ...record, capture: { ...record.capture, only: ['/order', '/note'] } },
  });
  const payloads = { name: 's3', put: (object: NewObject) => Promise.resolve(void stored.push(object)) };
  const privacy = new Privacy([route, only], { pseudonyms: undefined, payloads, clock: systemClock });
  let captured = 0;

  await fc.assert(
    fc.asyncProperty(planted, async ({ place, path = '/orders/7', query = '', headers = [], answerHeaders = [], body }) => {
      const from = fixedUidsAndClock();
      const facts = requestFacts({ path, query, headers });
      const to = place.startsWith('a body that is left out') ? only : route;
      const destination = { ...DESTINATION, rules: privacy.fieldRules(to) };
      const content = Buffer.from(body?.[1] ?? '');
      const type: HeaderPair[] = body === undefined ? [] : [['content-type', body[0]]];
      const message = { headers: type, body: content };
      const outcome = outcomeDraft(facts, destination, outcomeFacts({ headers: answerHeaders }), WRITER, from);
      const whole = await privacy.withBodies(outcome, to, message, message, 1_000);
      const chain = new Chain('chain-1');
      const events = [attemptDraft(facts, destination, WRITER, from), whole].map((draft) => chain.seal(draft));
      if (whole.unmapped.request_body?.content !== undefined) captured += 1;
      for (const form of writtenForms(events.map(({ line }) => line).join('\n'))) {
        expect(form.includes(SECRET), place).toBe(false);
      }
    }),
    { numRuns: REQUESTS },
  );

  expect(stored).toEqual([]);
  expect(captured).toBeGreaterThan(REQUESTS / 20);
}, 600_000); // prettier-ignore
