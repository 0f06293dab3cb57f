import { execFileSync } from 'node:child_process';
import net from 'node:net';
import { once } from 'node:events';
import type http from 'node:http';
import { describe, expect, it } from 'vitest';
import { startPipeline, type PayloadVersion } from '../../../bin/local/pipeline';
import { openLocalTrail } from '../../../bin/query/duckdb-queries';
import { afterTest } from '../../support/after-test';
import { verifyFolder } from '../../verify/support';
import { configFor, temporaryFolder, upstreamThat } from './start-fixture';

const PAYLOADS: readonly PayloadVersion[] = ['v1', 'v2'];

/** What the service does when a request for a path comes; else it answers. */
type Hooks = Record<string, (response: http.ServerResponse) => void>;

async function pipelineWith(payload: PayloadVersion, hooks: Hooks) {
  const upstream = await upstreamThat((request, response) => {
    const hook = hooks[request.url ?? ''];
    if (hook === undefined) response.end('fine');
    else hook(response);
  });
  const warnings: string[] = [];
  const pipeline = await startPipeline({
    configFile: configFor(upstream),
    dataFolder: temporaryFolder(),
    port: 0,
    concurrency: 2,
    payload,
    warn: (line) => warnings.push(line),
  });
  let stopped: Promise<boolean> | undefined;
  const stop = () => (stopped ??= pipeline.stop());
  afterTest(stop);
  return { ...pipeline, stop, warnings };
}

/** What the trail says, each as sorted paths without the stage that REST APIs put before them. */
async function judge(dataFolder: string) {
  const trail = await openLocalTrail(dataFolder);
  afterTest(() => trail.close());
  const paths = async (table: string) =>
    (await trail.run(`SELECT path FROM ${table}`)).rows.map(([path]) => String(path).replace(/^\/local/, '')).sort();
  return {
    edge: await paths('edge_requests'),
    events: await paths('audit_events'),
    unaudited: await paths('unaudited_requests'),
    notInvoked: await paths('not_invoked_requests'),
    refused: await paths('refused_requests'),
    unwitnessed: await paths('unwitnessed_events'),
    verification: await verifyFolder(dataFolder),
  };
}

/** Sends bytes and reads until the server closes; resolves with the socket's end. */
async function send(url: string, bytes: string): Promise<void> {
  const socket = net.connect(Number(new URL(url).port), '127.0.0.1');
  socket.on('error', () => undefined);
  socket.resume();
  socket.write(bytes);
  await once(socket, 'close');
}

function request(line: string, headers: readonly string[] = []): string {
  return [`${line} HTTP/1.1`, 'Host: localhost', 'Connection: close', ...headers, '', ''].join('\r\n');
}

/** The processes that run the function for this pipeline. */
function functionProcesses(): number[] {
  const processes = execFileSync('ps', ['-A', '-o', 'pid=,ppid=,args='], { encoding: 'utf8' }).split('\n');
  return processes.flatMap((line) => {
    const [, pid, parent, args] = /^\s*(\d+)\s+(\d+)\s+(.*)$/.exec(line) ?? [];
    return Number(parent) === process.pid && args?.includes('local/runtime/main.js') ? [Number(pid)] : [];
  });
}

describe.each(PAYLOADS)('the edge log of the pipeline (%s)', (payload) => {
  it('has every request of a mixed batch once, and the views say what became of each', async () => {
    let leave: () => void = () => undefined;
    const { url, dataFolder, stop, warnings } = await pipelineWith(payload, {
      '/slow/gone': (response) => {
        leave();
        setTimeout(() => response.end('too late'), 100);
      },
      '/slow/reset': (response) => response.destroy(),
    });
    const fine = Array.from({ length: 8 }, (_, n) => `/slow/${n}`);
    const gone = net.connect(Number(new URL(url).port), '127.0.0.1');
    leave = () => gone.destroy();
    gone.write(request('GET /slow/gone'));
    const half = net.connect(Number(new URL(url).port), '127.0.0.1');
    half.write(request('POST /slow/half', ['Content-Length: 100']));

    const answers = await Promise.all([
      ...fine.map((path) => fetch(`${url}${path}?token=secret`).then(({ status }) => status)),
      fetch(`${url}/nowhere`).then(({ status }) => status),
      fetch(`${url}/slow/reset`).then(({ status }) => status),
      send(url, request('TRACE /slow/traced')),
      send(url, request('GET /slow/large', [`X-Large: ${'v'.repeat(11_000)}`])),
      send(url, request('POST /slow/heavy', [`Content-Length: ${11 * 1024 * 1024}`])),
    ]);
    expect(answers.slice(0, 10)).toEqual([...fine.map(() => 200), 404, 502]);
    half.destroy();
    expect(await stop()).toBe(true);

    const { verification, ...said } = await judge(dataFolder);
    const audited = [...fine, '/nowhere', '/slow/gone', '/slow/reset'].sort();
    const refused = ['/slow/half', '/slow/heavy', '/slow/large', '/slow/traced'];
    expect(said).toEqual({
      edge: [...audited, ...refused].sort(),
      events: audited,
      unaudited: [],
      notInvoked: [],
      refused,
      unwitnessed: [],
    });
    expect(verification.findings).toEqual([]);
    expect(warnings).toEqual([]);
  });

  it('confirms requests that it tells of in other words: encoded, redacted, with an id of the caller’s', async () => {
    const { url, dataFolder, stop } = await pipelineWith(payload, {});
    const segments = ['%6fdd%20one+two', 'reset-token/abc', '%c3%a9%2Fx', '100%25!_', '%ff', 'a;jsessionid=1', ''];
    const ids = ['chosen-by-the-caller', 'Bearer eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl', 'caf\u00e9'];
    for (const [n, segment] of segments.entries()) {
      const headers = [`x-amzn-RequestId: ${ids[n % ids.length]}`];
      await send(url, request(`${n % 2 === 0 ? 'GET' : 'HEAD'} /slow/${segment}?n=${n}`, headers));
    }
    expect(await stop()).toBe(true);
    const { edge, unwitnessed, verification } = await judge(dataFolder);
    expect(edge).toHaveLength(segments.length);
    expect(unwitnessed).toEqual([]);
    expect(verification.findings).toEqual([]);
  });

  it('has a request whose function was killed, which is recorded or unaudited, never neither', async () => {
    const { url, dataFolder, stop } = await pipelineWith(payload, {
      '/slow/kill': () => functionProcesses().forEach((pid) => process.kill(pid, 'SIGKILL')),
    });
    expect((await fetch(`${url}/slow/before`)).status).toBe(200);
    expect((await fetch(`${url}/slow/kill`)).status).toBe(payload === 'v1' ? 502 : 500);
    expect((await fetch(`${url}/slow/after`)).status).toBe(200);
    expect(await stop()).toBe(true);

    const { edge, events, unaudited, notInvoked, refused, unwitnessed, verification } = await judge(dataFolder);
    expect(verification.findings).toEqual([]);
    expect(unwitnessed).toEqual([]);
    expect(edge).toEqual(['/slow/after', '/slow/before', '/slow/kill']);
    expect([...events, ...unaudited].sort()).toEqual(edge);
    expect(events).toEqual(expect.arrayContaining(['/slow/after', '/slow/before']));
    expect([...notInvoked, ...refused]).toEqual([]);
  });
});

it('shows a function that dies before it records as unaudited', async () => {
  const { url, dataFolder, stop } = await pipelineWith('v1', {});
  // Stopped, the function can do nothing; then it is killed with the request in its hands.
  const pids = functionProcesses();
  pids.forEach((pid) => process.kill(pid, 'SIGSTOP'));
  const answer = fetch(`${url}/slow/lost`).then(({ status }) => status);
  await new Promise((resolve) => setTimeout(resolve, 300));
  pids.forEach((pid) => process.kill(pid, 'SIGKILL'));
  expect(await answer).toBe(502);
  expect(await stop()).toBe(true);
  const said = await judge(dataFolder);
  expect(said).toMatchObject({
    edge: ['/slow/lost'],
    events: [],
    unaudited: ['/slow/lost'],
    notInvoked: [],
    refused: [],
  });
});
