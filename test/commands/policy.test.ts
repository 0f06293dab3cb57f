import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { runCli } from '../support/run-cli';

const folder = mkdtempSync(path.join(tmpdir(), 'audit-proxy-policy-'));
afterAll(() => rmSync(folder, { recursive: true }));

function write(name: string, content: object): string {
  const file = path.join(folder, name);
  writeFileSync(file, JSON.stringify(content));
  return file;
}

function config(policy: object, more: object = {}): string {
  const callers = { alice: { claims: { sub: 'u-1', roles: 'buyers' } } };
  return write('config.json', {
    routes: [{ path: '/orders', upstream: 'http://orders.internal' }],
    identity: { claims: { groups: 'roles' } },
    policy,
    local: { callers },
    ...more,
  });
}

const RULES = { rules: [{ name: 'read', methods: ['GET'], groups: ['buyers'], sources: ['10.0.0.0/8'] }] };
const READ = { name: 'buyers read', method: 'GET', path: '/orders/7', caller: 'alice', sourceIp: '10.1.2.3' };
const REQUESTS = [
  { ...READ, expect: 'allow', rule: 'read' },
  { ...READ, name: 'from elsewhere', sourceIp: '192.0.2.1', expect: 'deny', rule: '(default)' },
  { ...READ, name: 'a seller', caller: { claims: { sub: 'u-2', roles: 'sellers' } }, expect: 'deny' },
  { name: 'nobody', method: 'GET', path: '/orders/7', expect: 'deny' },
  { name: 'no route', method: 'GET', path: '/users', expect: 'deny', rule: '(no route)' },
];

function test(file: string, configFile: string, ...more: string[]) {
  return runCli(['policy', 'test', file, '--config', configFile, ...more]);
}

describe('audit-proxy policy test', () => {
  it('ends with 0 where the rules say what is expected', async () => {
    const { stdout, code } = await test(write('right.json', { requests: REQUESTS }), config(RULES));
    expect(stdout).toMatch(/5 requests, 0 wrong, policy [0-9a-f]{64}/);
    expect(code).toBe(0);
  });

  it('ends with 1 where they say something else, and tells what', async () => {
    const requests = [...REQUESTS, { ...READ, name: 'bold', method: 'DELETE', expect: 'allow' }];
    const { stdout, code } = await test(write('wrong.json', { requests }), config(RULES), '--format', 'json');
    expect(code).toBe(1);
    const report = JSON.parse(stdout) as { passed: boolean; results: { passed: boolean }[] };
    expect(report.passed).toBe(false);
    expect(report.results.filter(({ passed }) => !passed)).toMatchObject([
      { name: 'bold', expected: 'allow', decision: 'deny', rule: '(default)' },
    ]);
  });

  it('asks Cedar policies as well', async () => {
    mkdirSync(path.join(folder, 'policies'), { recursive: true });
    const policy =
      '@id("read") permit(principal in Audit::Group::"buyers", action == Audit::Action::"GET", resource) when { context.ip.isInRange(ip("10.0.0.0/8")) };';
    writeFileSync(path.join(folder, 'policies', 'orders.cedar'), policy);
    const file = write('cedar.json', { requests: REQUESTS });
    const { stdout, code } = await test(file, config({ cedar: './policies' }), '--format', 'json');
    expect(JSON.parse(stdout)).toMatchObject({ passed: true });
    expect(code).toBe(0);
  });

  it('shows how paths are read, and refuses ambiguous ones as the function does', async () => {
    const asked = (path: string, expected: string, rule: string) => ({
      ...READ,
      name: path,
      path,
      expect: expected,
      rule,
    });
    const requests = [
      asked('/orders/%37', 'allow', 'read'),
      asked('/orders/a%2Fb', 'deny', '(ambiguous_path)'),
      asked('/orders/../a', 'deny', '(ambiguous_path)'),
    ];
    const file = write('paths.json', { requests });
    const table = await test(file, config(RULES));
    expect(table.code).toBe(0);
    expect(table.stdout).toContain('GET /orders/a%2Fb: refused with 400, since the path holds an encoded slash (%2F)');
    const { stdout } = await test(file, config(RULES), '--format', 'json');
    const { results } = JSON.parse(stdout) as { results: { readings: string[] }[] };
    expect(results.slice(0, 2).map(({ readings }) => readings)).toEqual([
      ['/orders/7'],
      ['/orders/a%2Fb', '/orders/a/b'],
    ]);
    // What an HTTP API hands over is decoded.
    const http = await test(file, config(RULES, { api: { type: 'HTTP' } }), '--format', 'json');
    expect(JSON.parse(http.stdout)).toMatchObject({
      results: [{}, { readings: ['/orders/a/b'], decision: 'allow' }, {}],
    });
  });

  it.each<[string, object, object, string]>([
    ['no policy', { requests: REQUESTS }, {}, 'policy: must have one of rules and cedar'],
    ['no request', { requests: [] }, RULES, 'at least one request'],
    ['a misspelt key', { requests: [{ ...READ, expects: 'allow' }] }, RULES, 'requests[0].expects: unknown key'],
    [
      'a wrong time',
      { requests: [{ ...READ, time: 'noon', expect: 'deny' }] },
      RULES,
      'requests[0].time: must be an instant',
    ],
    ['a stranger', { requests: [{ ...READ, caller: 'mallory', expect: 'deny' }] }, RULES, 'no such caller'],
  ])('ends with 2 for %s', async (_, examples, policy, message) => {
    const { stderr, code } = await test(write('broken.json', examples), config(policy));
    expect(stderr).toContain(message);
    expect(code).toBe(2);
  });
});
