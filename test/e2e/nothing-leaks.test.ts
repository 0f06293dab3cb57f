import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import http from 'node:http';
import net from 'node:net';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import { expect, it } from 'vitest';
import { startPipeline } from '../../bin/local/pipeline';
import { openLocalTrail } from '../../bin/query/duckdb-queries';
import { Pseudonyms } from '../../lib/event/privacy/pseudonym';
import { afterTest } from '../support/after-test';
import { configFor, temporaryFolder, upstreamThat } from '../local/start/start-fixture';
import { verifiedLeaves } from '../sealer/local/support';
import { runCli } from '../support/run-cli';
import {
  answerWithSecrets,
  requestsWithSecrets,
  requestsWithSecretsForTheEdge,
  secrets,
  type Telling,
} from './secrets';

const CAPTURE = {
  request: { contentTypes: ['*/*'], acceptRisk: 'secrets may be stored', maxSize: '100KiB' },
  response: { contentTypes: ['*/*'], acceptRisk: 'secrets may be stored', maxSize: '100KiB' },
};

it.each(['v1', 'v2'] as const)('no secret of a caller or service is in anything that is written (%s)', async (payload) => {
  secrets.length = 0;
  const answer = answerWithSecrets();
  const upstream = await upstreamThat((request, response) => {
    const { headers, body } = request.url?.startsWith('/orders') ? answer : { headers: [], body: '' };
    request.resume().on('end', () => response.writeHead(200, [...headers]).end(body));
  });
  const configFile = configFor(upstream, {
    routes: [
      {
        path: '/orders',
        upstream,
        record: {
          headers: ['x-tenant', 'x-shown'],
          redact: { headers: ['x-tenant'], query: ['email'], body: ['/customer/email', '/items/*/note'] },
          pseudonymize: { headers: ['x-account'], query: ['customer'], body: ['/customer/id'] },
          capture: CAPTURE,
        },
      },
      { path: '/texts', upstream, record: { capture: CAPTURE } },
      { path: '/down', upstream: 'http://127.0.0.1:1', record: { capture: CAPTURE } },
    ],
  });
  const dataFolder = temporaryFolder();
  const warnings: string[] = [];
  const pipeline = await startPipeline({ configFile, dataFolder, port: 0, concurrency: 2, payload, warn: (line) => void warnings.push(line) }); // prettier-ignore
  let stopped: Promise<boolean> | undefined;
  afterTest(() => (stopped ??= pipeline.stop()));

  const requests = requestsWithSecrets();
  const edge = requestsWithSecretsForTheEdge();
  for (const request of [...requests, ...edge.requests]) await send(pipeline.url, request);
  await send(pipeline.url, { target: '/orders?customer=mallory&shown=1', headers: ['x-shown', 'seen'] });
  const userinfo = 'absolute:form-password';
  secrets.push('form-password');
  await sendRaw(pipeline.url, `GET http://${userinfo}@127.0.0.1/orders HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`);
  expect(await (stopped ??= pipeline.stop())).toBe(true);

  const trail = await openLocalTrail(dataFolder);
  afterTest(() => trail.close());
  const events = await trail.run(`SELECT to_json(e)::VARCHAR FROM audit_events_raw e`);
  const edgeLog = await trail.run(`SELECT to_json(e)::VARCHAR FROM edge_requests_raw e`);
  const decoded = [...events.rows, ...edgeLog.rows].map(([row]) => String(row)).join('\n');

  // What was to be written was.
  expect(edgeLog.rows.length).toBeGreaterThan(requests.length);
  for (const marker of ['in-json', 'in-gzip', 'in-form', 'in-text', 'in-answer', '"x-shown"', '[redacted]', 'page=2']) {
    expect(decoded).toContain(marker);
  }
  for (const reason of ['compressed', 'not_parseable', 'not_text', 'not_redactable']) {
    expect(decoded).toContain(`"not_captured":"${reason}"`);
  }
  const files = filesUnder(dataFolder);
  const payloads = files.filter((file) => file.startsWith('payloads/'));
  expect(payloads.length).toBe(2);
  for (const key of payloads) {
    expect(decoded).toContain(`"payload":"${key}"`);
    expect(path.basename(key)).toBe(sha256(readFileSync(path.join(dataFolder, key))));
  }
  const cut = payloads.map((key) => readFileSync(path.join(dataFolder, key)).length);
  expect(cut).toContain(100 * 1024);
  expect(decoded).toContain('"is_cut":true');

  // And nothing else.
  const written = files.map((file) => readFileSync(path.join(dataFolder, file), 'latin1')).join('\n');
  const everything = [decoded, written, warnings.join('\n')].join('\n');
  expect(secrets.length).toBeGreaterThan(60);
  expect(secrets.filter((secret) => formsOf(secret).some((form) => everything.includes(form)))).toEqual([]);

  const inEvents = events.rows.join('\n');
  expect(inEvents).toContain('/orders/reset-token/[redacted]');
  expect(edge.secrets.filter((secret) => inEvents.includes(secret))).toEqual([]);

  // A value can still be found, by its pseudonym.
  const pseudonym = new Pseudonyms(readFileSync(path.join(dataFolder, 'keys', 'pseudonym.key'), 'utf8')).of('mallory');
  const told = await runCli(['pseudonym', 'mallory', '--local', dataFolder]);
  expect(told).toMatchObject({ code: 0, stdout: `${pseudonym}\n` });
  const found = await trail.run(/"(SELECT [^"]+)"/.exec(told.stderr)![1]!);
  expect(found.rows.map((row) => row.slice(1))).toEqual([['GET /orders', '/orders', '200']]);

  // Payloads are sealed as objects without events, and verify looks at each.
  const leaves = await verifiedLeaves(dataFolder, pipeline.vkey);
  const sealed = leaves.filter(({ key }) => key.startsWith('payloads/'));
  expect(sealed.map(({ key, events }) => [key, events]).sort()).toEqual(payloads.sort().map((key) => [key, undefined]));
  const cwd = temporaryFolder();
  expect((await runCli(['verify', '--local', dataFolder, '--format', 'json'], { cwd })).code).toBe(0);
  execFileSync('bash', ['-c', `chmod u+w "$0" && printf x >> "$0"`, path.join(dataFolder, payloads[0]!)]);
  const { code, stdout } = await runCli(['verify', '--local', dataFolder, '--format', 'json'], { cwd });
  const { findings } = JSON.parse(stdout) as { findings: { code: string; object: string }[] };
  expect([code, findings.map(({ code: finding, object }) => [finding, object])]).toEqual([1, [['OBJECT_CHANGED', payloads[0]]]]);
}, 120_000); // prettier-ignore

/** A secret as it may be written: itself, percent-encoded, in JSON in JSON, in base64 at each of the three places. */
function formsOf(secret: string): string[] {
  const base64 = ['', 'x', 'xx'].map((before) => {
    const encoded = Buffer.from(before + secret).toString('base64');
    // Without the characters that others than the secret's own bits decide.
    return encoded.slice(before === '' ? 0 : before.length + 1, -4);
  });
  return [secret, encodeURIComponent(secret), secret.replaceAll(' ', '+'), ...base64];
}

/** Everything in the folder but the keys, which are secrets of the pipeline's own. */
function filesUnder(root: string, folder = ''): string[] {
  return readdirSync(path.join(root, folder), { withFileTypes: true }).flatMap((entry) => {
    const name = `${folder}${entry.name}`;
    if (name === 'keys') return [];
    return entry.isDirectory() ? filesUnder(root, `${name}/`) : [name];
  });
}

function sha256(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('hex');
}

async function send(url: string, { method = 'GET', target, headers = [], body }: Telling): Promise<void> {
  const { hostname, port, host } = new URL(url);
  const all = [
    'host',
    host,
    ...headers,
    ...(body === undefined ? [] : ['content-length', String(Buffer.byteLength(body))]),
  ];
  await new Promise<void>((resolve, reject) => {
    const request = http.request({ hostname, port, method, path: target, headers: all, setDefaultHeaders: false });
    request.on('response', (response) => void text(response).then(() => resolve(), reject));
    request.on('error', reject);
    request.end(body);
  }); // prettier-ignore
}

async function sendRaw(url: string, bytes: string): Promise<void> {
  const socket = net.connect(Number(new URL(url).port), '127.0.0.1');
  socket.end(bytes);
  await text(socket);
}
