import type { ALBEvent } from 'aws-lambda';
import { describe, expect, it } from 'vitest';
import { readEvent } from '../../../lambda/proxy/incoming/read-event';
import type { HeaderPair } from '../../../lib/event/privacy/headers';
import { albEvent, ARRIVED, type AlbChoices } from '../../support/gateway-events';

const read = (choices?: AlbChoices) => readEvent(albEvent(choices), { uid: () => 'uid-1', now: () => ARRIVED });

describe('the path of a load balancer', () => {
  it.each(['/', '/orders/7', '/orders//7', '/a%2Fb', '/caf%C3%A9', "/!$&'()*+,;=:@-._~", '/%41'])(
    'is forwarded as it came: %s',
    (path) => expect(read({ path })).toMatchObject({ path, pathAmbiguity: undefined }),
  );

  it.each(['/orders/../admin', '/orders/%2e%2e/admin', '//evil.example', '/a\\b', '/a b', '/\ufffd'])(
    'is refused where a service could read it as another: %s',
    (path) => expect(read({ path }).pathAmbiguity).toBeDefined(),
  );
});

describe('the query of a load balancer', () => {
  it.each([
    [
      [
        ['a', '1'],
        ['b', '2'],
        ['a', '3'],
      ],
      'a=1&a=3&b=2',
    ],
    [[['q', 'a%20b+c%2B%26']], 'q=a%20b+c%2B%26'],
    [[['foo%5Ba%5D', '']], 'foo%5Ba%5D='],
    [[], ''],
  ] as const)('arrives encoded and is not encoded again: %j', (query, expected) => {
    expect(read({ query })).toMatchObject({ query: expected, queryAmbiguity: undefined });
  });

  it('has one value a name where multi-value headers are off', () => {
    const query = [['a', '1'], ['a', '3'], ['b', '%2f']] as const; // prettier-ignore
    expect(read({ query, multiValue: false }).query).toBe('a=3&b=%2f');
  });

  it.each(['a b', 'ä', '#'])('is refused with characters that no request line holds: %s', (value) => {
    expect(read({ query: [['q', value]] }).queryAmbiguity).toContain('query');
  });
});

describe('who and where from, behind a load balancer', () => {
  it.each([
    ['198.51.100.7', '198.51.100.7'],
    ['10.0.0.1, 198.51.100.7', '198.51.100.7'],
    ['198.51.100.7:41234', '198.51.100.7'],
    ['2001:db8::7', '2001:db8::7'],
    ['10.0.0.1,[2001:db8::7]:41234', '2001:db8::7'],
    ['10.0.0.1, not-an-address', undefined],
  ])('is the last entry of X-Forwarded-For, which the load balancer appended: %s', (value, ip) => {
    expect(read({ headers: [['X-Forwarded-For', value]] }).source.ip).toBe(ip);
  });

  it('is nobody, whatever headers claim', () => {
    const headers: HeaderPair[] = [
      ['X-Amzn-Oidc-Identity', 'admin'],
      ['X-Amzn-Mtls-Clientcert-Subject', 'CN=admin'],
    ];
    expect(read({ headers }).who.type).toBe('anonymous');
  });

  it('keeps a health check apart from nothing: it has no address, and is a request like any', () => {
    expect(read({ path: '/health', headers: [['User-Agent', 'ELB-HealthChecker/2.0']] })).toMatchObject({
      path: '/health',
      hostname: undefined,
      source: { ip: undefined, name: 'unknown' },
    });
  });
});

describe('the rest of a load balancer’s event', () => {
  it('has ids and time of the function’s own, and the account of the target group', () => {
    const trace = 'Self=1-67891234-12456789abcdef012345678;Self=1-67891234-12456789abcdef0123456789;Root=1-00000000-000000000000000000000000'; // prettier-ignore
    const headers: HeaderPair[] = [
      ['Host', 'api.example.com:8443'],
      ['X-Forwarded-Proto', 'https'],
      ['X-Amzn-Trace-Id', trace],
    ];
    expect(read({ headers })).toMatchObject({
      payloadVersion: 'alb',
      answerFormat: 'alb-multi-value',
      requestUid: 'uid-1',
      extendedRequestUid: '1-67891234-12456789abcdef0123456789',
      apiUid: 'targetgroup/proxy/6d0ecf831eec9f09',
      accountUid: '123456789012',
      hostname: 'api.example.com',
      scheme: 'https',
      time: ARRIVED,
    });
  });

  it.each(['a/b', 'user@host', 'ex ample', ''])('has no host name where Host is none: %j', (host) => {
    expect(read({ headers: [['Host', host]] }).hostname).toBeUndefined();
  });

  it('has text and binary bodies', () => {
    const text: ALBEvent = { ...albEvent(), body: 'grün', isBase64Encoded: false };
    expect(readEvent(text, { uid: String, now: Date.now }).body).toEqual(Buffer.from('grün'));
    expect(read({ body: Buffer.from([0, 255]) }).body).toEqual(Buffer.from([0, 255]));
  });
});
