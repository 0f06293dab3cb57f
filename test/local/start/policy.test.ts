import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { startPipeline } from '../../../bin/local/pipeline';
import { openLocalTrail } from '../../../bin/query/duckdb-queries';
import { startService } from '../../support/services';
import { afterTest } from '../../support/after-test';
import { temporaryFolder } from './start-fixture';

const CEDAR = `@id("buyers-read")
permit (principal in Audit::Group::"buyers", action == Audit::Action::"GET", resource in Audit::Route::"/orders");`;

/** As docs/policy.md has it, of who would be refused. */
const REFUSED = `SELECT actor.user.uid, http_request.http_method, http_request.url.path, actor.authorizations[1].policy.name
FROM audit_events_raw
WHERE actor.authorizations[1].decision = 'Deny' AND actor.authorizations[1].policy.is_applied AND unmapped.phase = 'outcome'
ORDER BY http_request.http_method, 1 NULLS LAST`;

describe.each([
  ['rules', { rules: [{ name: 'buyers-read', methods: ['GET'], routes: ['/orders'], groups: ['buyers'] }] }],
  ['Cedar', { cedar: './policies' }],
])('a policy of %s in the running pipeline', (_, policy) => {
  it('lets pass what it names, refuses the rest before the service sees it, and records who decided', async () => {
    const folder = temporaryFolder();
    mkdirSync(path.join(folder, 'policies'), { recursive: true });
    writeFileSync(path.join(folder, 'policies', 'orders.cedar'), CEDAR);
    const service = await startService();
    afterTest(() => service.stop());
    const claims = { sub: 'user-7', 'cognito:groups': 'buyers' };
    const config = {
      routes: [{ path: '/orders', upstream: service.url }],
      policy,
      local: { callers: { alice: { claims } } },
    };
    const configFile = path.join(folder, 'audit-proxy.json');
    writeFileSync(configFile, JSON.stringify(config));
    const dataFolder = path.join(folder, 'trail');
    const { url, stop } = await startPipeline({ configFile, dataFolder, port: 0, concurrency: 1 });
    const send = async (method: string, token?: string) => {
      const headers: Record<string, string> = token === undefined ? {} : { authorization: `Bearer ${token}` };
      const answer = await fetch(`${url}/orders`, { method, headers });
      return { status: answer.status, body: await answer.text() };
    };
    const answers = [await send('GET', 'alice'), await send('DELETE', 'alice'), await send('GET')];
    expect(await stop()).toBe(true);

    expect(answers.map(({ status }) => status)).toEqual([200, 403, 401]);
    for (const { body } of answers) expect(body).not.toContain('buyers-read');
    expect(service.received.map(({ method }) => method)).toEqual(['GET']);
    const trail = await openLocalTrail(dataFolder);
    afterTest(() => trail.close());
    const { rows } = await trail.run(REFUSED);
    expect(rows.map(([uid, method, at]) => [uid, method, at])).toEqual([
      ['user-7', 'DELETE', '/orders'],
      [null, 'GET', '/orders'],
    ]);
    const allowed = await trail.run(`SELECT DISTINCT actor.authorizations[1].policy.name FROM audit_events_raw
      WHERE actor.authorizations[1].decision = 'Allow'`);
    expect(allowed.rows).toEqual([['buyers-read']]);
  });
});
