import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { callerOf } from '../../lib/identity/caller';
import { compileCedar } from '../../lib/policy/cedar/compile-cedar';
import { loadEngine } from '../../lib/policy/cedar/engine';
import { readCedarFolder } from '../../lib/policy/cedar/folder';
import { policyRequest, type RequestChanges } from '../support/policy-request';

const engine = loadEngine(path.join(__dirname, '..', '..', 'dist', 'lambda', 'cedar', 'cedar'));
const ALICE = callerOf({
  claims: { sub: 'u-alice', groups: 'buyers', scope: 'orders:read', tenant: 't-1', seats: [1, 2] },
});

function decides(text: string, changes: RequestChanges = {}, schema?: string): string {
  const policy = compileCedar(engine, { policies: [{ file: 'p.cedar', text }], schema }, ['X-Tenant']);
  const { allowed, rules } = policy.decide(policyRequest(ALICE, { headers: [['X-Tenant', 't-1']], ...changes }));
  return `${allowed ? 'allow' : 'deny'} ${rules.join()}`;
}

describe('Cedar policies', () => {
  it.each<[string, string, RequestChanges]>([
    ['a group', 'permit(principal in Audit::Group::"buyers", action, resource);', { caller: callerOf({}) }],
    [
      'a user',
      'permit(principal == Audit::User::"u-alice", action, resource);',
      { caller: callerOf({ apiKeyId: 'k' }) },
    ],
    ['a method', 'permit(principal, action == Audit::Action::"GET", resource);', { method: 'PUT' }],
    ['a route', 'permit(principal, action, resource in Audit::Route::"/orders");', { routePath: '/users' }],
    ['a path', 'permit(principal, action, resource) when { resource.path like "/orders/*" };', { path: '/users/7' }],
    ['a network', 'permit(principal, action, resource) when { context.ip.isInRange(ip("10.0.0.0/8")) };', { sourceIp: '192.0.2.1' }], // prettier-ignore
    ['a scope', 'permit(principal, action, resource) when { context.scopes.contains("orders:read") };', { caller: callerOf({}) }], // prettier-ignore
    ['a claim', 'permit(principal, action, resource) when { context.claims has tenant && context.claims.tenant == "t-1" };', { caller: callerOf({}) }], // prettier-ignore
    ['a claim that is a list', 'permit(principal, action, resource) when { context.claims has seats && context.claims.seats.contains("2") };', { caller: callerOf({}) }], // prettier-ignore
    ['an instant', 'permit(principal, action, resource) when { context.time < datetime("2026-11-25") };', { time: Date.UTC(2026, 10, 25) }], // prettier-ignore
    ['an hour', 'permit(principal, action, resource) when { context.hour >= 8 && context.hour < 18 };', { time: 0 }],
    ['a header', 'permit(principal, action, resource) when { context.headers has "x-tenant" };', { headers: [] }],
    [
      'a kind of caller',
      'permit(principal, action, resource) when { principal.kind == "jwt" };',
      { caller: callerOf({}) },
    ],
    ['users, not anonymous ones', 'permit(principal is Audit::User, action, resource);', { caller: callerOf({}) }],
  ])('tell apart %s', (_, text, other) => {
    expect(decides(text)).toBe('allow p#0');
    expect(decides(text, other)).toBe('deny (default)');
  });

  it('know a certificate', () => {
    const certificate = { subjectDN: 'CN=a', issuerDN: 'CN=CA', serialNumber: '7' };
    const text =
      'permit(principal, action, resource) when { context has certificate && context.certificate.issuer == "CN=CA" };';
    expect(decides(text, { caller: callerOf({ certificate }) })).toBe('allow p#0');
    expect(decides(text)).toBe('deny (default)');
  });

  it('refuse by forbid, and are named by @id', () => {
    const text =
      '@id("all") permit(principal, action, resource); @id("no-tax") forbid(principal, action, resource) when { resource.path like "*7" };';
    expect(decides(text)).toBe('deny no-tax');
    expect(decides(text, { path: '/orders/8' })).toBe('allow all');
  });

  it('refuse when one of them cannot be evaluated, even where another one permits', () => {
    const text =
      'permit(principal, action, resource); @id("bad") permit(principal, action, resource) when { context.claims.nope == "1" };';
    expect(decides(text)).toBe('deny (error),bad');
  });

  it('have a version that depends on every text', () => {
    const version = (text: string, schema?: string) =>
      compileCedar(engine, { policies: [{ file: 'p.cedar', text }], schema }).version;
    const one = 'permit(principal, action, resource);';
    const schema = 'namespace Audit { entity Resource { path: String, normalizedPath: String, route: String }; }';
    expect(version(one)).toMatch(/^[0-9a-f]{64}$/);
    expect(version(one)).toBe(version(one));
    expect(new Set([version(one), version(`${one}\n`), version(one, schema)]).size).toBe(3);
  });

  it.each([
    ['permit(principal, action);', 'p.cedar:'],
    [
      '@id("a") permit(principal, action, resource); @id("a") forbid(principal, action, resource);',
      'two policies with the id "a"',
    ],
    ['permit(principal == ?principal, action, resource);', 'templates have no place here'],
  ])('that are wrong are told: %s', (text, message) => {
    expect(() => decides(text)).toThrow(message);
  });
});

describe('a schema', () => {
  const SCHEMA = `namespace Audit {
    entity Group; entity Route; entity Anonymous { kind: String, name?: String };
    entity User in [Group] { kind: String, name?: String, email?: String, account?: String, organization?: String };
    entity Resource in [Route] { path: String, normalizedPath: String, route: String };
    action "GET" appliesTo { principal: [User], resource: [Resource], context: {
      ip?: ipaddr, time: datetime, hour: Long, scopes: Set<String>, headers: { "x-tenant"?: String },
      claims: { sub?: String, groups?: String, scope?: String, tenant?: String, seats?: Set<String> } } };
  }`;

  it('is held by policies and requests', () => {
    const text = 'permit(principal in Audit::Group::"buyers", action == Audit::Action::"GET", resource);';
    expect(decides(text, {}, SCHEMA)).toBe('allow p#0');
    expect(() => decides(text, { method: 'PUT' }, SCHEMA)).toThrow('request:');
    expect(() => decides('permit(principal, action, resource) when { resource.size > 1 };', {}, SCHEMA)).toThrow(
      'p#0:',
    );
  });

  it('must know the normalized path, or it would have every request refused', () => {
    const text = 'permit(principal, action, resource);';
    expect(() => decides(text, {}, SCHEMA.replace('normalizedPath: String, ', ''))).toThrow(
      'schema: Audit::Resource must have path, normalizedPath and route',
    );
  });
});

describe('a folder of policies', () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'audit-proxy-cedar-'));
  afterAll(() => rmSync(folder, { recursive: true }));

  it('is read in the order of its files', () => {
    expect(() => readCedarFolder(folder)).toThrow('holds no file *.cedar');
    writeFileSync(path.join(folder, 'b.cedar'), 'b');
    writeFileSync(path.join(folder, 'a.cedar'), 'a');
    writeFileSync(path.join(folder, 'notes.md'), 'n');
    mkdirSync(path.join(folder, 'c.cedar'));
    expect(readCedarFolder(folder)).toEqual({
      policies: [
        { file: 'a.cedar', text: 'a' },
        { file: 'b.cedar', text: 'b' },
      ],
    });
    writeFileSync(path.join(folder, 's.cedarschema'), 's');
    expect(readCedarFolder(folder).schema).toBe('s');
    writeFileSync(path.join(folder, 't.cedarschema'), 't');
    expect(() => readCedarFolder(folder)).toThrow('several schemas');
    expect(() => readCedarFolder(path.join(folder, 'none'))).toThrow('ENOENT');
  });
});
