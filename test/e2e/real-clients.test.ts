import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, writeFileSync } from 'node:fs';
import net from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startPipeline, type Pipeline } from '../../bin/local/pipeline';
import { openLocalTrail } from '../../bin/query/duckdb-queries';
import type { QueryValue } from '../../bin/query/queries';
import { verifyFolder } from '../verify/support';
import { runCli } from '../support/run-cli';
import { BYTES, MARKER, startJournalingService, type JournalingService } from './journaling-service';
import { configOf, variedRequests, type VariedRequest } from './varied-requests';

/** How many requests are under way at once. */
const CONCURRENCY = 32;

describe.each(['v1', 'v2'] as const)('real clients through the running pipeline, payload %s', (payload) => {
  // On an HTTP API `%2F` arrives decoded, by design of API Gateway.
  const requests = variedRequests().filter(({ path }) => payload === 'v1' || !path.includes('%2F'));
  const folder = mkdtempSync(path.join(tmpdir(), 'audit-proxy-e2e-'));
  const data = path.join(folder, 'trail');
  let service: JournalingService;
  let pipeline: Pipeline;
  const answers = new Map<string, { status: number; body: Buffer }>();
  let firstSent = 0;
  let lastAnswered = 0;

  beforeAll(async () => {
    service = await startJournalingService();
    const configFile = path.join(folder, 'audit-proxy.json');
    writeFileSync(configFile, JSON.stringify(configOf(service.url, await closedPort())));
    pipeline = await startPipeline({ configFile, dataFolder: data, port: 0, payload, concurrency: 4 });
    firstSent = Date.now();
    await atOnce(requests, CONCURRENCY, async (request) => {
      answers.set(request.marker, await send(pipeline.url, request));
    });
    lastAnswered = Date.now();
    await waitForEvents(data, requests);
  }, 120_000);

  afterAll(async () => {
    await pipeline?.stop();
    service?.stop();
  }, 30_000);

  it('sends at least 200 requests', () => {
    expect(requests.length).toBeGreaterThanOrEqual(200);
    expect(answers.size).toBe(requests.length);
  });

  it('gives every caller the right answer', () => {
    const wrong = requests.filter(({ marker, expected }) => answers.get(marker)?.status !== expected.status);
    expect(wrong.map(({ marker, path, expected }) => ({ marker, path, expected: expected.status, got: answers.get(marker)?.status }))).toEqual([]); // prettier-ignore
    for (const { marker, path, method } of requests) {
      if (path === '/shop/binary') expect(answers.get(marker)?.body, marker).toEqual(BYTES);
      if (method === 'PUT') expect(answers.get(marker)?.body, `${marker}: echo`).toEqual(BYTES);
    }
  });

  it('calls the service exactly once for what is let in, and never for what is refused', () => {
    const calls = new Map<string, string[]>();
    for (const { marker, method, target } of service.journal) {
      calls.set(marker, [...(calls.get(marker) ?? []), `${method} ${target.split('?')[0]}`]);
    }
    const expected = new Map(
      requests
        .filter(({ expected }) => expected.reachesService)
        .map(({ marker, method, expected }) => [marker, [`${method} ${forwardedPath(expected.servicePath, payload)}`]]),
    );
    expect(calls).toEqual(expected);
  });

  it('has exactly one attempt and one outcome for each, with who, what, when, where and result', async () => {
    const trail = await openLocalTrail(data);
    // Delivery is at least once: a sink that is slow on a busy machine makes copies. By the fingerprint they are one event.
    const { rows } = await trail.run(`
      SELECT DISTINCT http_request.url.query_string, unmapped.phase, coalesce(actor."user".name, ''), unmapped.who_type,
        http_request.http_method, http_request.url.path, api.service.name, src_endpoint.ip,
        coalesce(status_code, ''), disposition, "time", metadata.correlation_uid, attestation_list[1].fingerprint.value
      FROM audit_events_raw WHERE class_uid = 6003`);
    await trail.close();
    const events = new Map<string, readonly QueryValue[][]>();
    for (const row of rows) {
      const marker = String(row[0]).replace('n=', '');
      events.set(marker, [...(events.get(marker) ?? []), [...row]]);
    }
    expect([...events.keys()].sort()).toEqual(requests.map(({ marker }) => marker).sort());
    for (const { marker, method, path, expected } of requests) {
      const found = events.get(marker) ?? [];
      expect(found.map((row) => row[1]).sort(), marker).toEqual([...expected.phases].sort());
      expect(new Set(found.map((row) => row[11])).size, `${marker}: correlation`).toBe(1);
      for (const [, phase, who, whoType, gotMethod, gotPath, gotService, ip, status, disposition, time] of found) {
        expect({ who, whoType, gotMethod, gotPath, gotService, ip }, marker).toEqual({
          ...knownAs(expected, payload),
          gotMethod: method,
          gotPath: forwardedPath(path, payload),
          gotService: expected.service ?? null,
          ip: '127.0.0.1',
        });
        expect(time).toBeGreaterThanOrEqual(firstSent - 1);
        expect(time).toBeLessThanOrEqual(lastAnswered + 1);
        if (phase === 'outcome') expect({ status, disposition }, marker).toEqual({ status: String(expected.status), disposition: expected.disposition }); // prettier-ignore
      }
    }
  });

  it('has one row a request in the flat view', async () => {
    const trail = await openLocalTrail(data);
    const { rows } = await trail.run(
      'SELECT count(*), count(DISTINCT correlation_uid), count(DISTINCT request_id) FROM audit_events',
    );
    await trail.close();
    expect(rows).toEqual([[requests.length, requests.length, requests.length]]);
  });

  it('keeps every chain intact, and closes each when it stops', async () => {
    expect((await runCli(['verify', '--local', data])).code).toBe(0);
    await pipeline.stop();
    const { code, stdout } = await runCli(['verify', '--local', data, '--format', 'json']);
    expect(code, stdout).toBe(0);
    expect(stdout).not.toContain('"open": 1');
    expect((await verifyFolder(data)).findings).toEqual([]);
    const trail = await openLocalTrail(data);
    const { rows } = await trail.run(
      `SELECT count(DISTINCT attestation_list[1].chain_uid), count(DISTINCT metadata.uid) FILTER (WHERE unmapped.phase = 'closing')
       FROM audit_events_raw`,
    );
    await trail.close();
    const [chains, closed] = rows[0] ?? [];
    expect(closed).toBe(chains);
  }, 120_000);
});

/** HTTP APIs have no API keys. */
function knownAs({ who, whoType }: VariedRequest['expected'], payload: 'v1' | 'v2') {
  return whoType === 'api_key' && payload === 'v2' ? { who: 'anonymous', whoType: 'anonymous' } : { who, whoType };
}

/** An HTTP API decodes the path; the function re-encodes it by the rule in docs/http.md. */
function forwardedPath(path: string, payload: 'v1' | 'v2'): string {
  return payload === 'v1' ? path : path.replace('%73', 's');
}

async function send(url: string, request: VariedRequest): Promise<{ status: number; body: Buffer }> {
  const target = `${url}${request.path}?n=${request.marker}`;
  const headers: Record<string, string> = {
    ...request.headers,
    [MARKER]: request.marker,
    ...(request.token && { authorization: `Bearer ${request.token}` }),
  };
  return request.client === 'fetch' ? sendByFetch(target, request, headers) : sendByCurl(target, request, headers);
}

async function sendByFetch(target: string, { method, body }: VariedRequest, headers: Record<string, string>) {
  const answer = await fetch(target, {
    method,
    headers,
    redirect: 'manual',
    ...(body && { body: new Uint8Array(body) }),
  });
  return { status: answer.status, body: Buffer.from(await answer.arrayBuffer()) };
}

async function sendByCurl(target: string, { method, body, marker }: VariedRequest, headers: Record<string, string>) {
  const args = ['-sS', '--path-as-is', '-g', '-w', '%{stderr}%{http_code}', '--max-time', '30'];
  if (method === 'HEAD') args.push('-I');
  else args.push('-X', method);
  for (const [name, value] of Object.entries(headers)) args.push('-H', `${name}: ${value}`);
  if (body) {
    const file = path.join(tmpdir(), `audit-proxy-body-${process.pid}-${marker}`);
    writeFileSync(file, body);
    args.push('--data-binary', `@${file}`);
  }
  return new Promise<{ status: number; body: Buffer }>((resolve, reject) => {
    execFile('curl', [...args, target], { encoding: 'buffer' }, (error, stdout, stderr) => {
      if (error) reject(new Error(`curl ${marker}: ${stderr.toString()} ${error.message}`));
      else resolve({ status: Number(stderr.toString()), body: stdout });
    });
  });
}

async function atOnce<T>(items: readonly T[], most: number, work: (item: T) => Promise<void>): Promise<void> {
  const queue = [...items];
  const workers = Array.from({ length: most }, async () => {
    for (let item = queue.shift(); item !== undefined; item = queue.shift()) await work(item);
  });
  await Promise.all(workers);
}

/** An event is visible within 3 s of its request; the machine may be busy, so that we look for longer before we fail. */
async function waitForEvents(data: string, requests: readonly VariedRequest[]): Promise<void> {
  const expected = requests.reduce((total, { expected }) => total + expected.phases.length, 0);
  const deadline = Date.now() + 15_000;
  for (;;) {
    const trail = await openLocalTrail(data);
    const { rows } = await trail.run('SELECT count(DISTINCT metadata.uid) FROM audit_events_raw');
    await trail.close();
    if (Number(rows[0]?.[0]) >= expected || Date.now() > deadline) return;
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
}

async function closedPort(): Promise<number> {
  const server = net.createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as net.AddressInfo;
  server.close();
  return port;
}
