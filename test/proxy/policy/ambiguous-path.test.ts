import path from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { loadGate } from '../../../lambda/proxy/policy/load-gate';
import type { PolicySettings } from '../../../lib/policy/policy-settings';
import type { RouteInput } from '../../../lib/routing/route';
import { httpEvent, restEvent } from '../../support/gateway-events';
import { bench, invoke } from '../../support/handler-bench';
import { startService, type Service } from '../../support/services';

const running: Service[] = [];
afterEach(() => Promise.all(running.splice(0).map((service) => service.stop())));

const ENGINE = path.join(__dirname, '..', '..', '..', 'dist', 'lambda', 'cedar', 'cedar');
const ALL = { name: 'all', who: ['anonymous'] };

function deny(...paths: string[]): PolicySettings {
  return { rules: [{ name: 'no', effect: 'deny', paths }, ALL] };
}

function allow(...paths: string[]): PolicySettings {
  return { rules: [{ ...ALL, paths }] };
}

/** The policy of the docs. */
function cedar(condition = 'resource.normalizedPath like "/orders/internal/*"'): PolicySettings {
  const text = `@id("all") permit (principal, action, resource);\n@id("no") forbid (principal, action, resource) when { ${condition} };`;
  return { cedar: { engine: ENGINE, policies: [{ file: 'p.cedar', text }] } };
}

async function send(settings: PolicySettings | undefined, event: unknown, ...routes: Partial<RouteInput>[]) {
  const service = await startService();
  running.push(service);
  const gate = settings && (await loadGate(settings));
  const all = (routes.length === 0 ? [{}] : routes).map((route) => ({
    path: '/orders',
    upstream: service.url,
    ...route,
  }));
  const { handler, sink, settled } = bench(all, gate ? { gate } : {});
  const { statusCode } = await invoke(handler, event);
  await settled();
  const outcome = sink.persisted.at(-1);
  return {
    said: `${statusCode} ${outcome?.status_detail ?? ''}`.trim(),
    targets: service.received.map(({ target }) => target),
    rules: outcome?.actor?.authorizations?.map(({ decision, policy }) => `${decision} ${policy?.name}`),
    events: sink.persisted,
  };
}

const get = (of: string) => restEvent({ path: of });

describe('a path that services may read in different ways', () => {
  it.each<[string, PolicySettings, string]>([
    ['rules', deny('/orders/internal/**'), '/orders/;%2Fx/internal/secret'],
    ['rules', deny('/orders/*'), '/orders/7;%2Fz'],
    ['rules', deny('/orders/internal/**'), '/orders/internal%2Fx%FF'],
    ['rules', allow('/orders/*'), '/orders/7%2Frefund'],
    ['Cedar', cedar(), '/orders/internal%2Fx'],
    ['Cedar', cedar(), '/orders//internal/x'],
    ['Cedar', cedar(), '/orders/internal;a/x'],
    ...[
      ...['/orders/a%2fb', '/orders/a%5Cb', '/orders/a;b', '/orders/a%3Bb', '/orders/%252F', '/orders/%25%32%46'],
      ...['/orders/%FF', '/orders/%C0%AF', '/orders/%', '/orders/%zz', '/orders/%u002F', '/orders/%25u002F'],
      ...['/orders/%00', '/orders/%0A', '/orders/%2500', '/orders//a', '/orders/a//', '/orders/..', '/orders/%2E%2e/a'],
      ...['/orders/..;/a', '/orders/..%2Fa', '/orders/%252e%252e/a', '/orders/%EF%BF%BD'],
    ].map((one): [string, PolicySettings, string] => ['rules that allow all', { rules: [ALL] }, one]),
  ])('is refused under %s %j: %s', async (_, settings, one) => {
    const { said, targets, events } = await send(settings, get(one));
    expect(said).toBe('400 ambiguous_path');
    expect(targets).toEqual([]);
    expect(events).toMatchObject([{ disposition: 'Blocked', action_id: 2, unmapped: { phase: 'outcome' } }]);
  });

  it('is told of in the event', async () => {
    expect((await send(deny('/x'), get('/orders/a;b'))).rules).toEqual(['Deny (ambiguous_path)']);
  });

  it('passes a dry run, which says that it would be refused', async () => {
    const { said, targets, rules } = await send({ ...deny('/x'), dryRun: true }, get('/orders/a;b'));
    expect([said, targets, rules]).toEqual(['200', ['/orders/a;b'], ['Deny (ambiguous_path)']]);
  });

  it('is the affair of the service where there is no policy', async () => {
    for (const one of ['/orders/a%2Fb', '/orders/a;v=1', '/orders//7', '/orders/%FF', '/orders/%252F']) {
      expect(await send(undefined, get(one))).toMatchObject({ said: '200', targets: [one] });
    }
  });

  it('comes to HTTP APIs decoded, and is judged as it is forwarded', async () => {
    const over = (rawPath: string) => send(deny('/orders/internal/**'), httpEvent({ rawPath }));
    // %2F, which API Gateway has decoded.
    expect((await over('/orders/internal/x')).said).toBe('401 unauthenticated');
    for (const one of ['/orders/a;b', '/orders/a\\b', '/orders//a', '/orders/%2F', '/orders/\ufffd', '/orders/a\0']) {
      expect((await over(one)).said, one).toBe('400 ambiguous_path');
    }
    expect(await over('/orders/a b/é')).toMatchObject({ said: '200', targets: ['/orders/a%20b/%C3%A9'] });
  });
});

describe('a route that forwards such paths', () => {
  const forwards = { ambiguousPaths: 'forward' };
  it.each<[string, PolicySettings, string, string]>([
    ['allow, where every reading is allowed', allow('/orders/**'), '/orders/a%2Fb', '200'],
    ['not, where only one is', allow('/orders/*'), '/orders/a%2Fb', '401 unauthenticated'],
    ['deny, where any is denied', deny('/orders/internal/**'), '/orders/;%2Fx/internal/secret', '401 unauthenticated'],
    ['deny, where any is denied', deny('/orders/*'), '/orders/7;%2Fz', '401 unauthenticated'],
    ['not, what cannot be decoded', { rules: [ALL] }, '/orders/internal%2Fx%FF', '400 ambiguous_path'],
    ['not, what leaves the route', { rules: [ALL] }, '/orders/%252e%252e/admin', '400 ambiguous_path'],
    ['not, what has readings without end', { rules: [ALL] }, `/orders/%${'25'.repeat(70)}2F;a`, '400 ambiguous_path'],
    ['allow, by Cedar', cedar(), '/orders/a%2Fb', '200'],
    ['deny, by Cedar', cedar(), '/orders/internal%2Fx', '401 unauthenticated'],
    ['deny, by Cedar', cedar(), '/orders//internal/x', '401 unauthenticated'],
    ['deny, by Cedar and the path', cedar('resource.path like "/orders/internal/*"'), '/orders/internal;a/x', '401 unauthenticated'],
  ])('%s: %j %s', async (_, settings, one, said) => {
    const got = await send(settings, get(one), forwards);
    expect(got.said).toBe(said);
    expect(got.targets).toEqual(said === '200' ? [one] : []);
  }); // prettier-ignore
});

describe('a route whose service ignores case', () => {
  it.each<[string, PolicySettings, string, string]>([
    ['allow', allow('/orders/Refund'), '/orders/REFUND', '200'],
    ['deny by Cedar', cedar(), '/orders/INTERNAL/x', '401 unauthenticated'],
    ['deny by Cedar what only some take for the same', cedar('resource.normalizedPath == "/orders/k"'), '/orders/%E2%84%AA', '401 unauthenticated'],
  ])('%s: %j %s', async (_, settings, one, said) => {
    expect((await send(settings, get(one), { caseInsensitive: true })).said).toBe(said);
  }); // prettier-ignore

  it('does not take what another route takes in another case', async () => {
    const routes = [{ caseInsensitive: true }, { path: '/orders/internal' }];
    expect((await send(undefined, get('/orders/INTERNAL/x'), ...routes)).said).toBe('400 ambiguous_path');
    expect((await send(undefined, get('/orders/internal/x'), ...routes)).said).toBe('200');
    expect((await send(undefined, get('/orders/OTHER'), ...routes)).said).toBe('200');
  });
});

describe('Cedar', () => {
  it.each([
    ['/orders/%69nternal/x', 'resource.normalizedPath like "/orders/internal/*"'],
    ['/orders/a%2Bb', 'resource.normalizedPath == "/orders/a+b"'],
    ['/orders/caf%c3%a9', 'resource.path == "/orders/caf%C3%A9"'],
    ['/orders/internal/', 'resource.normalizedPath == "/orders/internal"'],
    ['/orders/internal/', 'resource.normalizedPath like "/orders/internal/*"'],
    ['/orders/100%25', 'resource.normalizedPath == "/orders/100%" && resource.path == "/orders/100%25"'],
    ['/orders/%37', 'resource == Audit::Resource::"/orders/7"'],
  ])('knows %s by %s', async (one, condition) => {
    expect((await send(cedar(condition), get(one))).rules).toEqual(['Deny no']);
  });
});

describe('a route', () => {
  it.each(['/;/orders/x', '/orders%2Fx', '/x/%252e%252e/orders', '/a;/%2e./orders', '/orders;a/x'])(
    'is not left under another one that takes the rest: %s',
    async (one) => {
      const { said, targets } = await send(undefined, get(one), {}, { path: '/' });
      expect([said, targets]).toEqual(['400 ambiguous_path', []]);
    },
  );
});
