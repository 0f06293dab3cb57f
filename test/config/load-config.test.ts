import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import schema from '../../audit-proxy.schema.json';
import { ConfigError } from '../../bin/config/config';
import { CONFIG_DEFAULTS, loadConfig } from '../../bin/config/load-config';
import { GUARANTEES } from '../../lib/event/vocabulary';
import {
  DEFAULT_HEDGE_DELAY_MS,
  DEFAULT_MAX_BODY_BYTES,
  DEFAULT_RECORDING_LIMIT_MS,
} from '../../lib/routing/proxy-settings';
import { DEFAULT_STREAMS, MAX_STREAMS } from '../../lib/routing/recording';
import { DEFAULT_GUARANTEE, DEFAULT_TIMEOUT_MS, ON_UNRECORDED } from '../../lib/routing/route';
import { parseDuration, parseSize } from '../../bin/config/units';

let folder: string;
beforeAll(() => (folder = fs.mkdtempSync(path.join(os.tmpdir(), 'audit-proxy-config-'))));
afterAll(() => fs.rmSync(folder, { recursive: true }));

/** Writes the text as a config file and loads it. */
function load(config: string | object) {
  const file = path.join(folder, 'audit-proxy.json');
  fs.writeFileSync(file, typeof config === 'string' ? config : JSON.stringify(config, null, 2));
  return loadConfig(file);
}

/** The lines of the error that loading gives, without the folder. */
function problemsOf(config: string | object): string[] {
  try {
    load(config);
  } catch (error) {
    expect(error).toBeInstanceOf(ConfigError);
    return (error as Error).message.replaceAll(folder + path.sep, '').split('\n');
  }
  return [];
}

const route = { path: '/orders', upstream: 'http://127.0.0.1:9001' };

describe('streaming', () => {
  it('lets a route take longer', () => {
    expect(load({ routes: [{ ...route, streaming: true }] }).routes[0]).toMatchObject({
      streaming: true,
      timeoutMs: 870_000,
    });
    const { routes } = load({ routes: [{ ...route, streaming: true, timeout: '40s' }] });
    expect(routes[0]?.timeoutMs).toBe(40_000);
  });
});

describe('paths', () => {
  it('are refused where ambiguous, and have a case, unless a route says otherwise', () => {
    const { routes } = load({
      routes: [route, { ...route, path: '/x', ambiguousPaths: 'forward', caseInsensitive: true }],
    });
    expect(routes.map(({ ambiguousPaths, caseInsensitive }) => [ambiguousPaths, caseInsensitive])).toEqual([
      [undefined, undefined],
      ['forward', true],
    ]);
  });

  it('are refused or forwarded, nothing else', () => {
    expect(problemsOf({ routes: [{ ...route, ambiguousPaths: 'pass' }] }).join()).toContain(
      'routes[0].ambiguousPaths: must be "refuse" or "forward"; got "pass"',
    );
  });
});

describe('assertion', () => {
  it.each([
    [undefined, undefined],
    [false, undefined],
    [true, { issuer: 'audit-proxy/AuditProxy', lifetimeSeconds: 60 }],
    [{}, { issuer: 'audit-proxy/AuditProxy', lifetimeSeconds: 60 }],
    [
      { issuer: 'https://proxy.example', lifetime: '90s' },
      { issuer: 'https://proxy.example', lifetimeSeconds: 90 },
    ],
  ])('%j is %j', (assertion, resolved) => {
    expect(load({ routes: [route], ...(assertion !== undefined && { assertion }) }).assertion).toEqual(resolved);
  });

  it('says what is wrong', () => {
    expect(problemsOf({ routes: [route], assertion: { issuer: 'a b', lifetime: '4s', key: 'x' } })).toEqual([
      expect.stringContaining(
        'assertion.issuer: must be 1 to 200 letters, digits, or "_", ".", "-", "/", ":"; got "a b"',
      ),
      expect.stringContaining('assertion.lifetime: must be 5 to 300 whole seconds; got 4 s'),
      expect.stringContaining('assertion.key: unknown key'),
    ]);
    expect(problemsOf({ routes: [route], assertion: { lifetime: '5500ms' } })).toEqual([
      expect.stringContaining('got 5.5 s'),
    ]);
  });
});

describe('a config that is right', () => {
  it('gets every default from the least that can stand in it', () => {
    expect(load({ routes: [route] })).toEqual({
      file: path.join(folder, 'audit-proxy.json'),
      routes: [
        {
          ...route,
          service: 'orders',
          stripPrefix: false,
          timeoutMs: 25_000,
          guarantee: 'BEFORE_RESPONSE',
          onUnrecorded: 'answer',
        },
      ],
      api: { type: 'REST', authorization: { type: 'IAM' }, rateLimit: 1000, burstLimit: 2000, gatewaySecretVersion: 1 },
      recording: { streams: 1, hedgeDelayMs: 250, limitMs: 2_000 },
      claimNames: {},
      retentionDays: 365,
      maxBodyBytes: 4 * 1024 * 1024,
      stackName: 'AuditProxy',
      local: { callers: {} },
    });
  });

  it('may say everything', () => {
    const config = load({
      $schema: './audit-proxy.schema.json',
      routes: [
        {
          ...route,
          service: 'shop',
          stripPrefix: true,
          timeout: '500ms',
          guarantee: 'BEFORE_RESPONSE',
          onUnrecorded: 'refuse',
        },
      ],
      api: {
        type: 'HTTP',
        authorization: { jwt: { issuer: 'https://id.example', audience: ['app'] } },
        throttling: { rateLimit: 10.5, burstLimit: 20 },
      },
      recording: { streams: 3, hedgeDelay: '100ms', limit: '1s' },
      identity: { claims: { user: 'oid', groups: 'roles' } },
      retention: '1d',
      maxBodySize: '512KiB',
      stackName: 'Shop-Audit',
      local: { callers: { 'alice-token': { claims: { sub: 'alice' } } } },
    });
    expect(config).toMatchObject({
      routes: [{ service: 'shop', stripPrefix: true, timeoutMs: 500, onUnrecorded: 'refuse' }],
      api: { authorization: { type: 'JWT', issuer: 'https://id.example', audience: ['app'] }, rateLimit: 10.5 },
      recording: { streams: 3, hedgeDelayMs: 100, limitMs: 1_000 },
      claimNames: { user: 'oid', groups: 'roles' },
      retentionDays: 1,
      maxBodyBytes: 524_288,
      stackName: 'Shop-Audit',
    });
    expect(config.local.callers['alice-token']).toEqual({ claims: { sub: 'alice' } });
  });

  it.each([
    ['IAM', { type: 'IAM' }],
    ['NONE', { type: 'NONE' }],
    [
      { cognito: { userPoolArn: 'arn:aws:cognito-idp:eu-west-1:123456789012:userpool/eu-west-1_abc' } },
      { type: 'COGNITO', userPoolArn: 'arn:aws:cognito-idp:eu-west-1:123456789012:userpool/eu-west-1_abc' },
    ],
    [
      { lambda: { functionArn: 'arn:aws:lambda:eu-west-1:123456789012:function:guard' } },
      { type: 'LAMBDA', functionArn: 'arn:aws:lambda:eu-west-1:123456789012:function:guard' },
    ],
  ])('takes the authorization %j', (authorization, expected) => {
    expect(load({ routes: [route], api: { authorization } }).api.authorization).toEqual(expected);
  });

  it.each([
    ['BEFORE_FORWARD', 'refuse'],
    ['BEFORE_RESPONSE', 'answer'],
    ['AFTER_RESPONSE', 'answer'],
  ])('takes the guarantee %s, with which goes %s', (guarantee, onUnrecorded) => {
    expect(load({ routes: [{ ...route, guarantee }] }).routes[0]).toMatchObject({ guarantee, onUnrecorded });
    expect(load({ routes: [{ ...route, guarantee, onUnrecorded }] }).routes[0]).toMatchObject({ onUnrecorded });
  });

  it('finds no caller by the name of an object method', () => {
    expect(load({ routes: [route] }).local.callers.constructor).toBeUndefined();
  });
});

describe('a config that is wrong', () => {
  it('gets all problems at once, each with line and column, in the order of the file', () => {
    const text = `{
  "routes": [
    {
      "path": "/orders/",
      "upstrem": "http://127.0.0.1:9001"
    }
  ],
  "retention": "1 year",
  "colour": true
}`;
    expect(problemsOf(text)).toEqual([
      'audit-proxy.json:4:15 routes[0].path: must be "/" or "/" and path segments, like "/orders" or "/v1/orders", without a slash at the end; got "/orders/"',
      'audit-proxy.json:5:7 routes[0].upstrem: unknown key; did you mean "upstream"?',
      'audit-proxy.json:8:16 retention: must be a number of days with the unit d, like "365d"; got "1 year"',
      'audit-proxy.json:9:3 colour: unknown key; allowed are $schema, routes, api, recording, retention, maxBodySize, assertion, identity, policy, stackName, local',
    ]);
  });

  it.each([
    ['{ "routes": [ }', /^audit-proxy\.json:1:15 not valid JSON: value expected$/],
    ['{\n  "routes": [],\n}', /^audit-proxy\.json:3:1 not valid JSON: /],
    ['// routes\n{}', /^audit-proxy\.json:1:1 not valid JSON: invalid comment token$/],
    ['', /^audit-proxy\.json:1:1 not valid JSON: value expected$/],
  ])('says where the JSON %j breaks', (text, line) => {
    expect(problemsOf(text)[0]).toMatch(line);
  });

  it.each<[string, object, string]>([
    ['no routes', {}, 'routes: is missing'],
    ['an empty list of routes', { routes: [] }, 'routes: must hold at least 1; got a list'],
    ['no upstream', { routes: [{ path: '/a' }] }, 'routes[0].upstream: is missing; must be an http or https URL'],
    ['a wrong scheme', { routes: [{ path: '/a', upstream: 'ftp://a' }] }, 'routes[0].upstream: must be an http or'],
    [
      'a number for a timeout',
      { routes: [{ ...route, timeout: 10 }] },
      'routes[0].timeout: must be a whole number with',
    ],
    [
      'a long timeout of a stream',
      { routes: [{ ...route, streaming: true, timeout: '871s' }] },
      'routes[0].timeout: must be from 1 ms to 870 s',
    ],
    [
      'a stream behind an HTTP API',
      { routes: [{ ...route, streaming: true }], api: { type: 'HTTP' } },
      'routes[0].streaming: fits a REST API only',
    ],
    ['a long timeout', { routes: [{ ...route, timeout: '29s' }] }, 'routes[0].timeout: must be from 1 ms to 28 s'],
    [
      'a string for a flag',
      { routes: [{ ...route, stripPrefix: 'yes' }] },
      'routes[0].stripPrefix: must be boolean; got "yes"',
    ],
    [
      'a guarantee that does not exist',
      { routes: [{ ...route, guarantee: 'NEVER' }] },
      'routes[0].guarantee: must be BEFORE_FORWARD or BEFORE_RESPONSE or AFTER_RESPONSE; got "NEVER"',
    ],
    [
      'an answer that would break its guarantee',
      { routes: [{ ...route, guarantee: 'BEFORE_FORWARD', onUnrecorded: 'answer' }] },
      'routes[0].onUnrecorded: must be "refuse", the only one that goes with BEFORE_FORWARD; got "answer"',
    ],
    [
      'a refusal of what has been answered',
      { routes: [{ ...route, guarantee: 'AFTER_RESPONSE', onUnrecorded: 'refuse' }] },
      'routes[0].onUnrecorded: must be "answer", the only one that goes with AFTER_RESPONSE; got "refuse"',
    ],
    [
      'a third way when nothing was recorded',
      { routes: [{ ...route, onUnrecorded: 'panic' }] },
      'routes[0].onUnrecorded: must be "answer" or "refuse"; got "panic"',
    ],
    [
      'no delivery stream',
      { routes: [route], recording: { streams: 0 } },
      'recording.streams: must be a whole number from 1 to 50; got 0',
    ],
    [
      'more delivery streams than an account may have',
      { routes: [route], recording: { streams: 51 } },
      'recording.streams: must be a whole number from 1 to 50; got 51',
    ],
    [
      'a number of streams as text',
      { routes: [route], recording: { streams: '2' } },
      'recording.streams: must be integer; got "2"',
    ],
    [
      'a hedge delay that would hedge everything',
      { routes: [route], recording: { hedgeDelay: '9ms' } },
      'recording.hedgeDelay: must be from 10 ms to the limit of recording, 2000 ms; got 9 ms',
    ],
    [
      'a hedge delay above the limit',
      { routes: [route], recording: { hedgeDelay: '2s', limit: '1s' } },
      'recording.hedgeDelay: must be from 10 ms to the limit of recording, 1000 ms; got 2000 ms',
    ],
    [
      'a short limit',
      { routes: [route], recording: { limit: '99ms' } },
      'recording.limit: must be from 100 ms to 10 s; got 99 ms',
    ],
    [
      'a long limit',
      { routes: [route], recording: { limit: '11s' } },
      'recording.limit: must be from 100 ms to 10 s; got 11000 ms',
    ],
    [
      'a limit without a unit, which says nothing about the hedge delay',
      { routes: [route], recording: { hedgeDelay: '5s', limit: '6' } },
      'recording.limit: must be a whole number with a unit ms or s',
    ],
    [
      'two routes with one path',
      { routes: [route, { path: '/users', upstream: 'http://u' }, route] },
      'routes[2].path: must be the path of one route only; "/orders" is the path of routes[0] too',
    ],
    [
      'a wrong kind of API',
      { routes: [route], api: { type: 'rest' } },
      'api.type: must be "REST" or "HTTP"; got "rest"',
    ],
    [
      'a wrong authorization',
      { routes: [route], api: { authorization: 'iam' } },
      'api.authorization: must be "IAM", "NONE", or an object with one of cognito, jwt, lambda; got "iam"',
    ],
    [
      'two authorizations',
      {
        routes: [route],
        api: {
          authorization: {
            lambda: { functionArn: 'arn:aws:lambda:eu-west-1:123456789012:function:guard' },
            cognito: { userPoolArn: 'arn:aws:cognito-idp:eu-west-1:123456789012:userpool/eu-west-1_abc' },
          },
        },
      },
      'api.authorization: must have exactly one of cognito, jwt, lambda; got an object',
    ],
    [
      'a rule for a route that is not there',
      { routes: [route], policy: { rules: [{ name: 'a', routes: ['/order'] }] } },
      'policy.rules[0].routes[0]: must be the path of a route, that is "/orders"; got "/order"',
    ],
    [
      'a rule with a misspelt condition',
      { routes: [route], policy: { rules: [{ name: 'a', group: ['buyers'] }] } },
      'policy.rules[0].group: unknown key; did you mean "groups"?',
    ],
    [
      'a rule with a network that is none',
      { routes: [route], policy: { rules: [{ name: 'a', sources: ['10.0.0.0/40'] }] } },
      'policy.rules[0].sources[0]: must be an address or a network, like "203.0.113.7", "10.0.0.0/8" or "2001:db8::/32"; got "10.0.0.0/40"',
    ],
    [
      'rules and Cedar',
      { routes: [route], policy: { rules: [{ name: 'a' }], cedar: './policies' } },
      'policy: must have one of rules and cedar; got both',
    ],
    [
      'the name of a claim with blanks',
      { routes: [route], identity: { claims: { groups: 'my roles' } } },
      'identity.claims.groups: must be the name of a claim, 1 to 200 visible ASCII characters without blanks; got "my roles"',
    ],
    [
      'an unknown kind of claim',
      { routes: [route], identity: { claims: { group: 'roles' } } },
      'identity.claims.group: unknown key; did you mean "groups"?',
    ],
    [
      'a caller who is known by nothing',
      { routes: [route], local: { callers: { a: {} } } },
      'local.callers.*: must have one of claims, iam, lambda, certificate, apiKeyId; got an object',
    ],
    [
      'a caller with two identities',
      { routes: [route], local: { callers: { a: { claims: {}, lambda: {}, apiKeyId: 'k' } } } },
      'local.callers.*: must have one of claims, iam, lambda at most; got claims and lambda',
    ],
    [
      'JWT on a REST API',
      { routes: [route], api: { authorization: { jwt: { issuer: 'https://id', audience: ['a'] } } } },
      'api.authorization: jwt fits an HTTP API only; set "type": "HTTP" in api, or use cognito',
    ],
    [
      'Cognito on an HTTP API',
      {
        routes: [route],
        api: {
          type: 'HTTP',
          authorization: { cognito: { userPoolArn: 'arn:aws:cognito-idp:eu-west-1:123456789012:userpool/x' } },
        },
      },
      'api.authorization: cognito fits a REST API only; set "type": "REST" in api, or use jwt with the user pool as the issuer',
    ],
    [
      'no throttling',
      { routes: [route], api: { throttling: { rateLimit: 0 } } },
      'api.throttling.rateLimit: must be > 0; got 0',
    ],
    ['no retention', { routes: [route], retention: '0d' }, 'retention: must be a number of days'],
    [
      'too long a retention',
      { routes: [route], retention: '36501d' },
      'retention: must be from 1d to 36500d; got "36501d"',
    ],
    ['a large body', { routes: [route], maxBodySize: '5MiB' }, 'maxBodySize: must be at most 4MiB'],
    ['a size without a unit', { routes: [route], maxBodySize: '4' }, 'maxBodySize: must be a whole number with a unit'],
    ['a list', [], 'the file: must be object; got a list'],
  ])('refuses %s', (_, config, message) => {
    const problems = problemsOf(config);
    expect(problems).toHaveLength(1);
    expect(problems[0]).toMatch(/^audit-proxy\.json:\d+:\d+ /);
    expect(problems[0]?.replace(/^\S+ /, '').startsWith(message), problems[0]).toBe(true);
  });

  it('refuses a key that stands twice', () => {
    const text = `{ "routes": [{ "path": "/a", "path": "/b", "upstream": "http://a" }] }`;
    expect(problemsOf(text)).toEqual(['audit-proxy.json:1:16 routes[0].path: stands twice']);
  });

  it('refuses __proto__ as it does any unknown key', () => {
    expect(problemsOf(`{ "routes": [{ "path": "/a", "upstream": "http://a", "__proto__": {} }] }`)[0]).toMatch(
      /routes\[0\]\.__proto__: unknown key/,
    );
  });

  it.each([
    'http://admin:hunter2@orders.internal',
    'http://admin:hunter2@orders internal',
    'hunter2@',
    'http://orders.internal/?key=hunter2',
    'http://orders.internal/#hunter2',
  ])('does not show a secret in the upstream %j', (upstream) => {
    const problems = problemsOf({ routes: [{ path: '/a', upstream }] }).join('\n');
    expect(problems).toContain('routes[0].upstream');
    expect(problems).not.toContain('hunter2');
  });

  it('does not show the bearer token of a local caller', () => {
    const problems = problemsOf({ routes: [route], local: { callers: { hunter2: { claim: {} } } } }).join('\n');
    expect(problems).toContain('local.callers.*.claim: unknown key; did you mean "claims"?');
    expect(problems).not.toContain('hunter2');
  });

  it('says that there is no such file', () => {
    const missing = path.join(folder, 'missing.json');
    expect(() => loadConfig(missing)).toThrow(ConfigError);
    expect(() => loadConfig(missing)).toThrow(/missing\.json: no such file; write one, at least \{ "routes"/);
  });
});

describe('the schema', () => {
  const { properties, definitions } = schema;

  it('names the defaults that hold', () => {
    expect(properties.api.properties.type.default).toBe(CONFIG_DEFAULTS.type);
    expect(definitions.authorization.default).toBe(CONFIG_DEFAULTS.authorization);
    expect(properties.api.properties.throttling.properties.rateLimit.default).toBe(CONFIG_DEFAULTS.rateLimit);
    expect(properties.api.properties.throttling.properties.burstLimit.default).toBe(CONFIG_DEFAULTS.burstLimit);
    expect(properties.retention.default).toBe(CONFIG_DEFAULTS.retention);
    expect(properties.stackName.default).toBe(CONFIG_DEFAULTS.stackName);
    expect(parseSize(properties.maxBodySize.default)).toBe(DEFAULT_MAX_BODY_BYTES);
    expect(parseDuration(definitions.route.properties.timeout.default)).toBe(DEFAULT_TIMEOUT_MS);
    expect(definitions.route.properties.guarantee.default).toBe(DEFAULT_GUARANTEE);
    expect(definitions.route.properties.guarantee.enum).toEqual(GUARANTEES);
    expect(definitions.route.properties.onUnrecorded.enum).toEqual(ON_UNRECORDED);
    const recording = properties.recording.properties;
    expect(recording.streams).toMatchObject({ default: DEFAULT_STREAMS, maximum: MAX_STREAMS });
    expect(parseDuration(recording.hedgeDelay.default)).toBe(DEFAULT_HEDGE_DELAY_MS);
    expect(parseDuration(recording.limit.default)).toBe(DEFAULT_RECORDING_LIMIT_MS);
  });

  it('describes every key with its default', () => {
    const undescribed: string[] = [];
    const visit = (node: unknown, place: string): void => {
      const { properties: children, definitions: parts, ...rest } = node as Record<string, unknown>;
      for (const [key, child] of Object.entries({ ...(children as object) })) {
        const { description = '', $ref } = child as { description?: string; $ref?: string };
        if ($ref === undefined && !/[Dd]efault: /.test(description)) undescribed.push(`${place}.${key}`);
        visit(child, `${place}.${key}`);
      }
      // A definition is no key; the keys in it are.
      for (const [name, part] of Object.entries({ ...(parts as object) })) visit(part, `${place}.${name}`);
      if (rest.else !== undefined) visit(rest.else, place);
      if (rest.items !== undefined) visit(rest.items, place);
    };
    visit(schema, '');
    expect(undescribed).toEqual([]);
  });
});
