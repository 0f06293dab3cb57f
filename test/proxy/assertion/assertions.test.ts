import { createLocalJWKSet, decodeProtectedHeader, jwtVerify, type JSONWebKeySet } from 'jose';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { Assertions } from '../../../lambda/proxy/assertion/assertions';
import { ASSERTION_TYPE, JWKS_PATH } from '../../../lib/routing/assertion';
import { rotated, type AssertionKeys } from '../../../lib/routing/assertion-keys';
import { newAssertionKey } from '../../../lib/routing/new-assertion-key';
import { restEvent } from '../../support/gateway-events';
import { bench, invoke } from '../../support/handler-bench';
import { startService, valuesOf, type Service } from '../../support/services';

const ISSUER = 'audit-proxy/test';
const settings = { issuer: ISSUER, keys: 'the-secret', lifetimeSeconds: 60 };
const keySet = (): AssertionKeys => ({ keys: [newAssertionKey(), newAssertionKey()] });

const running: Service[] = [];
afterEach(async () => {
  vi.restoreAllMocks();
  await Promise.all(running.splice(0).map((service) => service.stop()));
});

async function setUp(keys: () => AssertionKeys | undefined) {
  const service = await startService();
  running.push(service);
  const read = vi.fn(async () => {
    const set = keys();
    if (set === undefined) throw new Error('no secret');
    return JSON.stringify(set);
  });
  const proxy = bench([{ path: '/orders', upstream: service.url, service: 'orders' }], {
    assertions: new Assertions(settings, read),
  });
  const published = async () => JSON.parse((await invoke(proxy.handler, restEvent({ path: JWKS_PATH }))).body) as JSONWebKeySet; // prettier-ignore
  const assertions = () => service.received.map(({ rawHeaders }) => valuesOf(rawHeaders, 'x-audit-assertion'));
  return { service, proxy, read, published, assertions };
}

const CLAIMS = { sub: 'user-7', email: 'alice@example.com', 'cognito:groups': 'buyers,staff' };
const asAlice = () => restEvent({ path: '/orders', context: { authorizer: { claims: CLAIMS } } });

describe('an assertion', () => {
  it('tells the service who called, checked with the published keys alone', async () => {
    const { proxy, published, assertions } = await setUp(keySet);
    await invoke(proxy.handler, asAlice());
    await proxy.settled();
    const [[assertion, ...others]] = assertions() as [string[]];
    expect(others).toEqual([]);
    const check = { issuer: ISSUER, audience: 'orders', typ: ASSERTION_TYPE, algorithms: ['EdDSA'] };
    const { payload } = await jwtVerify(assertion!, createLocalJWKSet(await published()), check);
    const [attempt] = proxy.sink.persisted;
    expect(payload).toMatchObject({
      sub: 'user-7',
      email: 'alice@example.com',
      groups: ['buyers', 'staff'],
      who_type: 'jwt',
      jti: attempt!.metadata.correlation_uid,
      request_id: 'request-1',
    });
    expect(payload.exp! - payload.iat!).toBe(60);
  });

  it('is for one service, and is not taken by another', async () => {
    const { proxy, published, assertions } = await setUp(keySet);
    await invoke(proxy.handler, asAlice());
    const [[assertion]] = assertions() as [string[]];
    const check = jwtVerify(assertion!, createLocalJWKSet(await published()), { audience: 'users' });
    await expect(check).rejects.toMatchObject({ code: 'ERR_JWT_CLAIM_VALIDATION_FAILED', claim: 'aud' });
  });

  it('of nobody says so', async () => {
    const { proxy, published, assertions } = await setUp(keySet);
    await invoke(proxy.handler, restEvent({ path: '/orders' }));
    const [[assertion]] = assertions() as [string[]];
    const { payload } = await jwtVerify(assertion!, createLocalJWKSet(await published()));
    expect(payload).toMatchObject({ sub: 'anonymous', who_type: 'anonymous' });
  });

  it('that a caller made is dropped', async () => {
    const { proxy, assertions } = await setUp(keySet);
    const headers = [['x-audit-assertion', 'forged'] as const, ['X_Audit_Assertion', 'forged'] as const];
    await invoke(proxy.handler, restEvent({ path: '/orders', headers }));
    expect(assertions()[0]).toHaveLength(1);
    expect(assertions()[0]).not.toContain('forged');
  });

  it('cannot be made without keys: the service is not called, and that is recorded', async () => {
    vi.spyOn(console, 'error').mockReturnValue();
    const { proxy, service } = await setUp(() => undefined);
    const result = await invoke(proxy.handler, restEvent({ path: '/orders' }));
    expect(result.statusCode).toBe(503);
    expect(JSON.parse(result.body)).toMatchObject({ type: 'urn:cdk-audit-proxy:problem:no_assertion' });
    expect(service.received).toEqual([]);
    expect(proxy.sink.persisted).toMatchObject([{ status_code: '503', status_detail: 'no_assertion' }]);
  });

  it('is made as soon as there are keys', async () => {
    vi.spyOn(console, 'error').mockReturnValue();
    const secret: { keys?: AssertionKeys } = {};
    const { proxy } = await setUp(() => secret.keys);
    expect((await invoke(proxy.handler, restEvent({ path: '/orders' }))).statusCode).toBe(503);
    secret.keys = keySet();
    expect((await invoke(proxy.handler, restEvent({ path: '/orders' }))).statusCode).toBe(200);
  });
});

describe('a rotation', () => {
  it('leaves every assertion to be checked by the key set of before and of after', async () => {
    const before = keySet();
    const after = rotated(before, newAssertionKey());
    const old = await setUp(() => before);
    const young = await setUp(() => after);
    await invoke(old.proxy.handler, restEvent({ path: '/orders' }));
    await invoke(young.proxy.handler, restEvent({ path: '/orders' }));
    const sets = [await old.published(), await young.published()].map((set) => createLocalJWKSet(set));
    const made = [...old.assertions(), ...young.assertions()].flat();
    expect(new Set(made.map((one) => decodeProtectedHeader(one).kid)).size).toBe(2);
    for (const one of made) for (const set of sets) expect((await jwtVerify(one, set)).payload.aud).toBe('orders');
  });
});

describe('the published key set', () => {
  it('has no private half in it, and asking for it is recorded', async () => {
    const keys = keySet();
    const { proxy, published } = await setUp(() => keys);
    const set = await published();
    expect(set.keys).toHaveLength(2);
    for (const key of set.keys) expect(Object.keys(key).sort()).toEqual(['alg', 'crv', 'kid', 'kty', 'use', 'x']);
    for (const { d } of keys.keys) expect(JSON.stringify(set)).not.toContain(d);
    expect(proxy.sink.persisted).toMatchObject([{ status_code: '200', http_request: { url: { path: JWKS_PATH } } }]);
  });

  it('is asked for by GET and HEAD alone, and where there are no assertions by nobody', async () => {
    const { proxy } = await setUp(keySet);
    expect((await invoke(proxy.handler, restEvent({ method: 'POST', path: JWKS_PATH }))).statusCode).toBe(404);
    const without = bench([{ path: '/orders', upstream: 'http://127.0.0.1:1' }]);
    expect((await invoke(without.handler, restEvent({ path: JWKS_PATH }))).statusCode).toBe(404);
  });
});
