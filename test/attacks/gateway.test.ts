import net from 'node:net';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { openLocalTrail } from '../../bin/query/duckdb-queries';
import { configFor, ready, startCli, temporaryFolder, upstreamThat } from '../local/start/start-fixture';
import { runCli } from '../support/run-cli';
import { SEED } from '../support/seed';
import { connectRaw, rawConnection } from './raw-connections';

/** `AUDIT_PROXY_RAW_CONNECTIONS` sets how many there are; then both kinds of events are tried, half of them each. */
const wanted = process.env['AUDIT_PROXY_RAW_CONNECTIONS'];
const PAYLOADS = wanted === undefined ? ['v1'] : ['v1', 'v2'];
const CONNECTIONS = Math.ceil(Number(wanted ?? 500) / PAYLOADS.length);
/** How many clients there are at a time. */
const CLIENTS = 32;

it.each(PAYLOADS)(`the gateway outlives ${CONNECTIONS} connections, whatever their clients do (%s)`, async (payload) => {
  const upstream = await upstreamThat((request, response) => void request.resume().on('end', () => response.end('ok')));
  const config = configFor(upstream, { routes: [{ path: '/orders', upstream }] });
  const data = temporaryFolder();
  const running = startCli('--config', config, '--data', data, '--port', '0', '--payload', payload);
  const url = await ready(running);
  const port = Number(new URL(url).port);
  const seed = payload === 'v1' ? SEED : SEED + 1;
  console.log(`seed ${seed}`);

  const connections = fc.sample(rawConnection, { seed, numRuns: CONNECTIONS });
  await resetTunnels(port);
  const next = connections.values();
  const client = async () => {
    for (const connection of next) await connectRaw(port, connection);
  };
  await Promise.all(Array.from({ length: CLIENTS }, client));

  expect(running.child.exitCode, running.stderr()).toBeNull();
  expect(await answerOf(`${url}/orders?n=after`)).toBe('ok');
  running.child.kill('SIGINT');
  expect(await running.exit, running.stderr()).toBe(0);
  expect(running.stderr()).toBe('');

  const trail = await openLocalTrail(data);
  const numbersOf = async (sql: string) => (await trail.run(sql)).rows[0]?.map(Number);
  const edge = await numbersOf(`
    SELECT count(*), count(DISTINCT extended_request_id), count(time), count(*) FILTER (invocation = 'invoked'),
      count(*) FILTER (invocation NOT IN ('invoked', 'refused', 'not_invoked'))
    FROM edge_requests`);
  const raw = await numbersOf('SELECT count(*) FROM edge_requests_raw');
  const events = await numbersOf(`
    SELECT count(DISTINCT unmapped.extended_request_id) FROM audit_events_raw WHERE unmapped.phase = 'outcome'`);
  const apart = await numbersOf(`
    SELECT (SELECT count(*) FROM unaudited_requests), (SELECT count(*) FROM unwitnessed_events)`);
  await trail.close();

  // Every record is one of a request of its own, whole; the function ran where there is an event, and nowhere else.
  const [rows = 0, ids, times, invoked = 0, unclear] = edge ?? [];
  expect({ ids, times, raw: raw?.[0], unclear }).toEqual({ ids: rows, times: rows, raw: rows, unclear: 0 });
  expect(events).toEqual([invoked]);
  expect(apart).toEqual([0, 0]);
  // The attack was one: requests got through, and others did not.
  expect(invoked).toBeGreaterThan(connections.length / 10);
  expect(rows - invoked).toBeGreaterThan(connections.length / 10);

  const verified = await runCli(['verify', '--local', data, '--format', 'json']);
  expect(verified.code, verified.stdout).toBe(0);
  expect(JSON.parse(verified.stdout)).toMatchObject({ findings: [] });
}, 60_000 + CONNECTIONS * 100); // prettier-ignore

/**
 * Of a normal request. Requests whose clients have left wait for an environment all the same, so that it may have to wait behind
 * thousands of them, and be refused as any request that waits for too long.
 */
async function answerOf(url: string): Promise<string> {
  for (;;) {
    const answer = await fetch(url);
    const body = await answer.text();
    if (answer.status !== 503 && answer.status !== 504) return answer.ok ? body : `${answer.status}: ${body}`;
    expect(body, 'only the wait is a reason').not.toContain('upstream_circuit_open');
  }
}

/** Asks for a tunnel and resets it, before the answer is there or after: Node hands such a socket over without any handler. */
async function resetTunnels(port: number): Promise<void> {
  for (let n = 0; n < 20; n += 1) {
    const socket = net.connect(port, '127.0.0.1');
    socket.on('error', () => undefined);
    await once(socket, 'connect');
    socket.write('CONNECT orders.internal:443 HTTP/1.1\r\nHost: orders.internal:443\r\n\r\n');
    if (n % 2 === 1) await once(socket, 'data');
    socket.write('\x16\x03\x01');
    socket.resetAndDestroy();
    await sleep(1);
  }
}
