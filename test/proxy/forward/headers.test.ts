import { describe, expect, it } from 'vitest';
import { requestHeaders } from '../../../lambda/proxy/forward/request-headers';
import { responseHeaders } from '../../../lambda/proxy/forward/response-headers';
import { readRestEvent } from '../../../lambda/proxy/incoming/rest-event';
import { traceOf } from '../../../lambda/proxy/trace';
import type { HeaderPair } from '../../../lib/event/privacy/headers';
import { upstreamOf } from '../../../lambda/proxy/forward/upstream';
import { resolveRoute } from '../../../lib/routing/route';
import { restEvent, type RestChoices } from '../../support/gateway-events';
import { valuesOf } from '../../support/services';

const TRACE_ID = '4bf92f3577b34da6a3ce929d0e0e4736';
const PARENT = '00f067aa0ba902b7';

function sent(headers: readonly HeaderPair[], choices: RestChoices = {}): string[] {
  const request = readRestEvent(restEvent({ headers, ...choices }));
  const upstream = upstreamOf(
    resolveRoute({ path: '/', upstream: 'http://orders.internal:8080', stripHeaders: ['X-Corp-*'] }),
  );
  return requestHeaders(request, upstream, traceOf(request.headers));
}

describe('headers for the service', () => {
  it('go on in order and spelling, repeated ones too', () => {
    const list = sent([
      ['Accept', 'text/html'],
      ['X-Twice', '1'],
      ['X-Twice', '2'],
      ['Cookie', 'a=1; b=2'],
      ['Authorization', 'Bearer abc'],
      ['x-api-key', 'k'],
      ['__proto__', 'p'],
      ['constructor', 'c'],
    ]);
    const start = list.indexOf('Accept');
    expect(list.slice(start, start + 16)).toEqual([
      'Accept', 'text/html', 'X-Twice', '1', 'X-Twice', '2', 'Cookie', 'a=1; b=2', 'Authorization', 'Bearer abc',
      'x-api-key', 'k', '__proto__', 'p', 'constructor', 'c',
    ]); // prettier-ignore
  });

  it.each([
    'Connection', 'Keep-Alive', 'Proxy-Authenticate', 'Proxy-Authorization', 'Proxy-Connection', 'TE', 'Trailer',
    'Transfer-Encoding', 'Upgrade', 'HTTP2-Settings', 'Expect', 'CONNECTION', 'transfer_encoding',
  ])('lose what belongs to one connection: %s', (name) => {
    expect(valuesOf(sent([[name, 'x']]), name)).toEqual([]);
  }); // prettier-ignore

  it('lose what the caller named in Connection', () => {
    const list = sent([
      ['Connection', 'close, X-Hop ,x-other'],
      ['connection', 'X-Third'],
      ['X-Hop', '1'],
      ['X-OTHER', '2'],
      ['x-third', '3'],
      ['X-Kept', '4'],
    ]);
    for (const name of ['connection', 'x-hop', 'x-other', 'x-third']) expect(valuesOf(list, name)).toEqual([]);
    expect(valuesOf(list, 'x-kept')).toEqual(['4']);
  });

  it('keep what the proxy vouches for, though the caller names it in Connection', () => {
    const list = sent([['Connection', 'x-forwarded-for, x-request-id, host, traceparent, content-length, via']], {
      method: 'POST',
      body: 'abc',
    });
    for (const name of ['x-forwarded-for', 'x-request-id', 'host', 'traceparent', 'content-length', 'via']) {
      expect(valuesOf(list, name)).toHaveLength(1);
    }
  });

  it.each([
    'X-Forwarded-User', 'X-Forwarded-Email', 'X-Forwarded-Groups', 'X-Forwarded-Access-Token', 'X-Forwarded-Prefix',
    'X-Forwarded-Uri', 'X-Forwarded-Client-Cert', 'X-Forwarded-Port', 'X-Forwarded-Anything', 'Forwarded', 'X-Real-IP',
    'X-Client-IP', 'X-Cluster-Client-IP', 'True-Client-IP', 'Remote-User', 'X-Remote-User', 'X-Amzn-Oidc-Identity',
    'X-WebAuth-User', 'X-Authenticated-Groups', 'X-Vouch-User', 'X-Userinfo', 'X-Consumer-Username', 'X-Id-Token',
    'X-Goog-Authenticated-User-Email', 'X-Goog-Iap-Jwt-Assertion', 'X-MS-CLIENT-PRINCIPAL', 'X-Amzn-Request-Context',
    'Cf-Access-Jwt-Assertion', 'Tailscale-User-Login', 'Client-Cert', 'X-SSL-Client-S-DN', 'Remote-Groups',
   
    'X-Amzn-Oidc-Data', 'X-Auth-Request-User', 'X-Audit-Who', 'X-Original-URL', 'X-Rewrite-URL', 'X-HTTP-Method-Override',
    'X-HTTP-Method', 'X-Method-Override', 'X-Corp-Id', 'x_corp_user', 'X.User.Id', 'OIDC_CLAIM_sub', 'Proxy', 'X_Remote_User', 'X_Forwarded_User', 'x_audit-who', 'Remote_User',
  ])('lose what a caller could pass for somebody else by: %s', (name) => {
    expect(sent([[name, 'spoofed']])).not.toContain('spoofed');
  }); // prettier-ignore

  it.each([
    'Host',
    'X-Forwarded-Host',
    'X-Forwarded-Proto',
    'X-Request-Id',
    'X_Request_Id',
    'Content-Length',
    'Content_Length',
  ])('have one %s only, and not the caller’s', (name) => {
    const list = sent(
      [
        [name, '77'],
        [name.toUpperCase(), '88'],
      ],
      { method: 'POST', body: 'abc' },
    );
    expect(list).not.toContain('77');
    expect(list).not.toContain('88');
    expect(valuesOf(list, name.replaceAll('_', '-'))).toHaveLength(1);
  });

  it('say who is served and what for', () => {
    const list = sent([['Host', 'api.example.com']]);
    expect(valuesOf(list, 'host')).toEqual(['orders.internal:8080']);
    expect(valuesOf(list, 'x-forwarded-host')).toEqual(['api.example.com']);
    expect(valuesOf(list, 'x-forwarded-proto')).toEqual(['https']);
    expect(valuesOf(list, 'x-request-id')).toEqual(['request-1']);
  });

  it.each([
    ['api.example.com:8443', 'api.example.com:8443'],
    ['API.example.com:8443', 'api.example.com:8443'],
    ['api.example.com:', 'api.example.com'],
    ['api.example.com:8443x', 'api.example.com'],
    ['api.example.com:123456', 'api.example.com'],
    ['api.example.com.evil.example:8443', 'api.example.com'],
    ['evil.example:8443', 'api.example.com'],
    ['api.example.com:1, api.example.com:2', 'api.example.com'],
  ])('tell the port of the host that was asked, and nothing else of the caller’s: %s', (asked, told) => {
    expect(valuesOf(sent([['Host', asked]]), 'x-forwarded-host')).toEqual([told]);
  });

  it.each([
    [[['X-Forwarded-Port', '8443']], ['8443']],
    [[['X-Forwarded-Port', '1, 443']], ['443']],
    [[['x-forwarded-port', '1'], ['X-Forwarded-Port', '443']], ['443']],
    [[['X-Forwarded-Port', '443, evil']], []],
    [[], []],
  ] as const)('tell the port that API Gateway tells: %j', (headers, told) => {
    expect(valuesOf(sent(headers), 'x-forwarded-port')).toEqual(told);
  }); // prettier-ignore

  it('append to Via', () => {
    expect(valuesOf(sent([['Via', '1.1 edge']]), 'via')).toEqual(['1.1 edge', '1.1 cdk-audit-proxy']);
  });

  it.each([
    ['no list', [], '203.0.113.9'],
    ['API Gateway’s list', ['203.0.113.9'], '203.0.113.9'],
    ['a claim before it', ['10.0.0.1, 203.0.113.9'], '10.0.0.1, 203.0.113.9'],
    ['a list without the address seen', ['10.0.0.1'], '10.0.0.1, 203.0.113.9'],
    ['several headers', ['10.0.0.1,', ' 10.0.0.2 ,, 203.0.113.9'], '10.0.0.1, 10.0.0.2, 203.0.113.9'],
  ])('end X-Forwarded-For with the address that API Gateway saw: %s', (_, lists, expected) => {
    expect(valuesOf(sent(lists.map((list) => ['X-Forwarded-For', list])), 'x-forwarded-for')).toEqual([expected]);
  });

  it('say so where API Gateway saw no address', () => {
    expect(valuesOf(sent([], { identity: { sourceIp: '' } }), 'x-forwarded-for')).toEqual(['unknown']);
  });

  it.each([
    ['GET', undefined, [], []],
    ['GET', undefined, [['Content-Length', '0']], ['0']],
    ['DELETE', undefined, [], []],
    ['DELETE', 'abc', [], ['3']],
    ['POST', undefined, [], ['0']],
    ['PUT', undefined, [], ['0']],
    ['PATCH', undefined, [], ['0']],
    ['POST', 'héé', [], ['5']],
    ['POST', 'abc', [['Transfer-Encoding', 'chunked']], ['3']],
  ] as const)('tell the body’s length: %s %j %j', (method, body, headers, expected) => {
    const list = sent(headers, { method, ...(body !== undefined && { body }) });
    expect(valuesOf(list, 'content-length')).toEqual(expected);
    expect(valuesOf(list, 'transfer-encoding')).toEqual([]);
  });
});

describe('the trace', () => {
  const of = (...values: string[]) => traceOf(values.map((value): HeaderPair => ['TraceParent', value]));

  it.each([
    ['as it stands', `00-${TRACE_ID}-${PARENT}-01`, '01'],
    ['with space around', ` 00-${TRACE_ID}-${PARENT}-00 `, '00'],
    ['of a later version', `01-${TRACE_ID}-${PARENT}-01`, '01'],
    ['of a later version with more', `cc-${TRACE_ID}-${PARENT}-01-what-comes`, '01'],
  ])('is continued: %s', (_, value, flags) => {
    const trace = of(value);
    expect(trace).toMatchObject({ traceId: TRACE_ID, parentSpanId: PARENT, continued: true });
    expect(trace.spanId).toMatch(/^[0-9a-f]{16}$/);
    expect(trace.spanId).not.toBe(PARENT);
    expect(trace.traceparent).toBe(`00-${TRACE_ID}-${trace.spanId}-${flags}`);
  });

  it.each([
    ['nothing', []],
    ['two of them', [`00-${TRACE_ID}-${PARENT}-01`, `00-${TRACE_ID}-${PARENT}-01`]],
    ['two joined', [`00-${TRACE_ID}-${PARENT}-01,00-${TRACE_ID}-${PARENT}-01`]],
    ['version ff', [`ff-${TRACE_ID}-${PARENT}-01`]],
    ['version 00 with more', [`00-${TRACE_ID}-${PARENT}-01-x`]],
    ['zeros', [`00-${'0'.repeat(32)}-${PARENT}-01`]],
    ['a parent of zeros', [`00-${TRACE_ID}-${'0'.repeat(16)}-01`]],
    ['upper case', [`00-${TRACE_ID.toUpperCase()}-${PARENT}-01`]],
    ['too short', [`00-${TRACE_ID.slice(1)}-${PARENT}-01`]],
    ['nonsense', ['x']],
  ])('is started, not sampled, at %s', (_, values) => {
    const trace = of(...values);
    expect(trace.continued).toBe(false);
    expect(trace.parentSpanId).toBeUndefined();
    expect(trace.traceId).not.toBe(TRACE_ID);
    expect(trace.traceparent).toBe(`00-${trace.traceId}-${trace.spanId}-00`);
  });

  it('takes tracestate along only where it goes on', () => {
    const state: HeaderPair = ['tracestate', 'a=1'];
    expect(valuesOf(sent([state, ['traceparent', `00-${TRACE_ID}-${PARENT}-01`]]), 'tracestate')).toEqual(['a=1']);
    expect(valuesOf(sent([state, ['traceparent', 'broken']]), 'tracestate')).toEqual([]);
    expect(valuesOf(sent([state]), 'tracestate')).toEqual([]);
  });
});

describe('headers for the caller', () => {
  it('go back in order, repeated ones and cookies too, less what belongs to one connection', () => {
    const headers: HeaderPair[] = [
      ['Date', 'now'],
      ['Connection', 'keep-alive, X-Hop'],
      ['Keep-Alive', 'timeout=5'],
      ['Transfer-Encoding', 'chunked'],
      ['Trailer', 'X-T'],
      ['Upgrade', 'h2c'],
      ['Proxy-Authenticate', 'Basic'],
      ['X-Hop', '1'],
      ['Set-Cookie', 'a=1'],
      ['Set-Cookie', 'b=2'],
      ['Content-Encoding', 'gzip'],
      ['Location', '/else?where=1'],
      ['__proto__', 'p'],
      ['X-Request-Id', 'the service’s own'],
    ];
    expect(responseHeaders(headers, 'request-1', false)).toEqual([
      ['Date', 'now'],
      ['Set-Cookie', 'a=1'],
      ['Set-Cookie', 'b=2'],
      ['Content-Encoding', 'gzip'],
      ['Location', '/else?where=1'],
      ['__proto__', 'p'],
      ['x-request-id', 'request-1'],
    ]);
  });

  it('tell a length only where there is no body to measure', () => {
    const headers: HeaderPair[] = [['Content-Length', '1234']];
    expect(responseHeaders(headers, 'r', false)).toEqual([['x-request-id', 'r']]);
    expect(responseHeaders(headers, 'r', true)).toEqual([...headers, ['x-request-id', 'r']]);
  });
});
