import path from 'node:path';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { loadGate } from '../../../lambda/proxy/policy/load-gate';
import { Gate } from '../../../lambda/proxy/policy/gate';
import { compileRules } from '../../../lib/policy/compile-rules';
import type { PolicySettings } from '../../../lib/policy/policy-settings';
import type { RouteInput } from '../../../lib/routing/route';
import { restEvent } from '../../support/gateway-events';
import { bench, invoke } from '../../support/handler-bench';
import { schemaErrors } from '../../support/ocsf';
import { startService, type Service } from '../../support/services';

const running: Service[] = [];
afterEach(async () => {
  vi.restoreAllMocks();
  await Promise.all(running.splice(0).map((service) => service.stop()));
});

const RULES = [{ name: 'buyers-read', methods: ['GET'], groups: ['buyers'] }];
const ALICE = { authorizer: { claims: { sub: 'u-alice', 'cognito:groups': 'buyers' } } };
const { version } = compileRules(RULES);

async function pass(settings: PolicySettings, method: string, context = {}, route: Partial<RouteInput> = {}) {
  const orders = await startService();
  running.push(orders);
  const gate = await loadGate(settings);
  const { handler, sink, settled } = bench([{ path: '/orders', upstream: orders.url, ...route }], { gate });
  const result = await invoke(handler, restEvent({ method, context }));
  await settled();
  expect(sink.persisted.flatMap(schemaErrors)).toEqual([]);
  return { result, events: sink.persisted, called: orders.received.length };
}

describe('a request that the rules let in', () => {
  it('is forwarded, and both of its events say by which rule of which policy', async () => {
    const { result, events, called } = await pass({ rules: RULES }, 'GET', ALICE);
    expect(result.statusCode).toBe(200);
    expect(called).toBe(1);
    const policy = { name: 'buyers-read', version, type: 'rules', is_applied: true };
    expect(events.map(({ actor }) => actor?.authorizations)).toEqual([
      [{ decision: 'Allow', policy }],
      [{ decision: 'Allow', policy }],
    ]);
    expect(events.at(-1)).toMatchObject({ action_id: 1, disposition_id: 1 });
  });
});

describe('a request that the rules refuse', () => {
  it.each(['BEFORE_FORWARD', 'BEFORE_RESPONSE', 'AFTER_RESPONSE'])(
    'gets 403 that names the request and not the rule, and one event; the service is not called (%s)',
    async (guarantee) => {
      const { result, events, called } = await pass({ rules: RULES }, 'DELETE', ALICE, { guarantee });
      expect(called).toBe(0);
      expect(result).toMatchObject({
        statusCode: 403,
        multiValueHeaders: { 'content-type': ['application/problem+json'] },
      });
      expect(JSON.parse(result.body)).toEqual({
        type: 'urn:cdk-audit-proxy:problem:forbidden',
        title: 'The request is not allowed',
        status: 403,
        request_id: 'request-1',
      });
      expect(events).toHaveLength(1);
      expect(events[0]).toMatchObject({
        status_code: '403',
        status_detail: 'forbidden',
        action_id: 2,
        disposition_id: 2,
        actor: {
          user: { uid: 'u-alice' },
          authorizations: [{ decision: 'Deny', policy: { name: '(default)', version } }],
        },
        unmapped: { phase: 'outcome', forwarded: false },
      });
    },
  );

  it('gets 401 where nobody is known', async () => {
    const { result, events } = await pass({ rules: RULES }, 'GET');
    expect(result).toMatchObject({ statusCode: 401, multiValueHeaders: { 'www-authenticate': ['Bearer'] } });
    expect(result.body).not.toContain('default');
    expect(events).toMatchObject([{ status_detail: 'unauthenticated', action_id: 2 }]);
  });
});

describe('a dry run', () => {
  it.each<[string, Omit<PolicySettings, 'rules'>]>([
    ['everywhere', { dryRun: true }],
    ['on the route', { dryRunRoutes: ['/orders'] }],
  ])('%s lets pass what would have been refused, and says so', async (_, dryRun) => {
    const { result, events, called } = await pass({ rules: RULES, ...dryRun }, 'DELETE', ALICE);
    expect([result.statusCode, called, events.length]).toEqual([200, 1, 2]);
    for (const event of events) {
      expect(event.actor?.authorizations).toMatchObject([{ decision: 'Deny', policy: { version, is_applied: false } }]);
      expect(event).toMatchObject({ action_id: 1 });
    }
  });

  it('on another route changes nothing', async () => {
    const { result } = await pass({ rules: RULES, dryRunRoutes: ['/users'] }, 'DELETE', ALICE);
    expect(result.statusCode).toBe(403);
  });
});

it('refuses what cannot be decided', async () => {
  vi.spyOn(console, 'error').mockImplementation(() => undefined);
  const decide = () => {
    throw new Error('broken');
  };
  const gate = new Gate({ kind: 'rules', version, decide }, {});
  const { handler, sink, settled } = bench([{ path: '/orders', upstream: 'http://127.0.0.1:1' }], { gate });
  expect((await invoke(handler, restEvent({ context: ALICE }))).statusCode).toBe(403);
  await settled();
  expect(sink.persisted[0]?.actor?.authorizations).toMatchObject([{ decision: 'Deny', policy: { name: '(error)' } }]);
});

it('asks Cedar policies as it does rules', async () => {
  const engine = path.join(__dirname, '..', '..', '..', 'dist', 'lambda', 'cedar', 'cedar');
  const text =
    '@id("buyers-read") permit(principal in Audit::Group::"buyers", action == Audit::Action::"GET", resource);';
  const settings = { cedar: { engine, policies: [{ file: 'orders.cedar', text }] } };
  const read = await pass(settings, 'GET', ALICE);
  expect(read.result.statusCode).toBe(200);
  expect(read.events[0]?.actor?.authorizations).toMatchObject([
    { decision: 'Allow', policy: { name: 'buyers-read', type: 'cedar' } },
  ]);
  expect((await pass(settings, 'DELETE', ALICE)).result.statusCode).toBe(403);
  expect((await pass(settings, 'GET')).result.statusCode).toBe(401);
});
