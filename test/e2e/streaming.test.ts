import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import http from 'node:http';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startPipeline, type Pipeline } from '../../bin/local/pipeline';
import { openLocalTrail } from '../../bin/query/duckdb-queries';
import { runCli } from '../support/run-cli';
import { verifyFolder } from '../verify/support';
import { startJournaled, type JournaledService } from './services/journal';

const LARGE = randomBytes(20 * 1024 * 1024);
const sha256 = (bytes: Buffer | string) => createHash('sha256').update(bytes).digest('hex');

/** What the service does for a path, e.g. `/events`; each test sets its own. */
const scripts: Record<string, http.RequestListener> = {};

/** A request whose answer is read while it comes. */
async function open(url: string) {
  const request = http.get(url, { agent: false });
  const [response] = (await once(request, 'response')) as [http.IncomingMessage];
  const parts = response[Symbol.asyncIterator]() as AsyncIterator<Buffer>;
  /** The next part; undefined at the end. It throws where the answer breaks off. */
  const next = async () => {
    const { done, value } = await parts.next();
    return done ? undefined : value.toString();
  };
  return { headers: response.headers, next };
}

describe('streamed answers through the running pipeline', () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'audit-proxy-streaming-'));
  const data = path.join(folder, 'trail');
  let service: JournaledService;
  let pipeline: Pipeline;
  let url = '';

  beforeAll(async () => {
    service = await startJournaled((request, response) => scripts[request.url ?? '']?.(request, response));
    const configFile = path.join(folder, 'audit-proxy.json');
    const route = { upstream: service.url, stripPrefix: true };
    const routes = [
      { ...route, path: '/live', streaming: true },
      { ...route, path: '/live/whole' },
      { ...route, path: '/plain' },
    ];
    writeFileSync(configFile, JSON.stringify({ routes }));
    pipeline = await startPipeline({ configFile, dataFolder: data, port: 0, concurrency: 1 });
    url = pipeline.url;
  }, 120_000);

  let stopped: Promise<boolean> | undefined;
  const stop = () => (stopped ??= pipeline.stop());
  afterAll(async () => {
    if (url !== '') await stop();
    service?.stop();
    rmSync(folder, { recursive: true, force: true });
  }, 60_000);

  it('bring server-sent events one by one, beside requests that are answered whole', async () => {
    let sendSecond: (() => void) | undefined;
    scripts['/events'] = (_, response) => {
      response.writeHead(200, { 'Content-Type': 'text/event-stream' }).write('data: first\n\n');
      sendSecond = () => response.end('data: second\n\n');
    };
    scripts['/'] = (_, response) => response.end('whole');

    const { headers, next } = await open(`${url}/live/events`);
    expect(headers['content-type']).toBe('text/event-stream');
    expect(await next()).toBe('data: first\n\n');

    const whole = await Promise.all(['/plain', '/live/whole'].map((at) => fetch(url + at)));
    expect(await Promise.all(whole.map((answer) => answer.text()))).toEqual(['whole', 'whole']);
    expect(whole.map((answer) => answer.headers.get('content-length'))).toEqual(['5', '5']);

    sendSecond?.();
    expect(await next()).toBe('data: second\n\n');
    expect(await next()).toBeUndefined();
  });

  it('are larger than 6 MB, byte for byte', async () => {
    scripts['/large'] = (_, response) => response.end(LARGE);
    const answer = await fetch(`${url}/live/large`);
    expect(sha256(Buffer.from(await answer.arrayBuffer()))).toBe(sha256(LARGE));
  });

  it('end at the service when their client leaves, be it before the first byte', async () => {
    for (const name of ['/left', '/left-early']) {
      const begun = new Promise<http.ServerResponse>((resolve) => {
        scripts[name] = (_, response) => resolve(response);
      });
      const controller = new AbortController();
      const answer = fetch(`${url}/live${name}`, { signal: controller.signal });
      const atService = await begun;
      const closed = once(atService, 'close');
      if (name === '/left') {
        atService.write('all that it got');
        const read = await (await answer).body?.getReader().read();
        expect(Buffer.from(read?.value ?? []).toString()).toBe('all that it got');
      }
      controller.abort();
      if (name === '/left-early') await expect(answer).rejects.toThrow('aborted');
      await closed;
      expect(atService.writableFinished).toBe(false);
    }
  });

  it('break off where the service does', async () => {
    let breakOff = () => {};
    scripts['/broken'] = (_, response) => {
      response.write('half of ');
      breakOff = () => void response.destroy();
    };
    const { next } = await open(`${url}/live/broken`);
    expect(await next()).toBe('half of ');
    // Not before: an answer that breaks off while its attempt is being recorded is answered with 502.
    breakOff();
    await expect(next()).rejects.toThrow('aborted');
  });

  it('have no body where there is none', async () => {
    scripts['/none'] = (request, response) => void response.writeHead(request.method === 'HEAD' ? 200 : 204).end();
    const answers = await Promise.all(['HEAD', 'DELETE'].map((method) => fetch(`${url}/live/none`, { method })));
    expect(answers.map(({ status }) => status)).toEqual([200, 204]);
    expect(await Promise.all(answers.map((answer) => answer.text()))).toEqual(['', '']);
  });

  it('are broken off where they do not end when the pipeline stops, begun or not', async () => {
    const silent = new Promise((resolve) => (scripts['/silent'] = resolve));
    scripts['/endless'] = (_, response) => void response.write('tick');
    const waiting = fetch(`${url}/live/silent`).then(({ status }) => status);
    const { next } = await open(`${url}/live/endless`);
    expect(await next()).toBe('tick');
    await silent;

    const started = performance.now();
    expect(await stop()).toBe(true);
    expect(performance.now() - started).toBeLessThan(20_000);

    await expect(next()).rejects.toThrow('aborted');
    expect(await waiting).toBe(502);
  }, 40_000);

  it('are shown as broken off by events, whatever status the caller had seen', async () => {
    const { stdout } = await runCli(['events', '--local', data], { cwd: folder });
    const lineOf = (path: string) => stdout.split('\n').find((line) => line.includes(`${path} `));
    expect(lineOf('GET /live/left')).toContain(' 200 broken off ');
    expect(lineOf('GET /live/left-early')).toMatch(/ 499 +\d/);
    expect(lineOf('GET /live/large')).toMatch(/ 200 +\d/);
  });

  it('leave one outcome each that tells what came over, and one line in the edge log', async () => {
    const trail = await openLocalTrail(data);
    // By their ids, since delivery is at least once.
    const { rows } = await trail.run(
      `SELECT DISTINCT metadata.uid, http_request.http_method || ' ' || http_request.url.path, status_code, status_detail,
         unmapped.response_body.length, unmapped.response_body.sha256
       FROM audit_events_raw WHERE unmapped.phase = 'outcome' ORDER BY 2`,
    );
    const body = (bytes: Buffer | string) => [Buffer.byteLength(bytes), sha256(bytes)];
    expect(
      rows.map(([, request, status, detail, length, sha]) => [request, status, detail, Number(length), sha]),
    ).toEqual([
      ['DELETE /live/none', '204', null, ...body('')],
      ['GET /live/broken', '200', 'upstream_reset', ...body('half of ')],
      ['GET /live/endless', '200', 'client_left', ...body('tick')],
      ['GET /live/events', '200', null, ...body('data: first\n\ndata: second\n\n')],
      ['GET /live/large', '200', null, ...body(LARGE)],
      ['GET /live/left', '200', 'client_left', ...body('all that it got')],
      ['GET /live/left-early', '499', 'client_left', ...body('')],
      ['GET /live/silent', '499', 'client_left', ...body('')],
      ['GET /live/whole', '200', null, ...body('whole')],
      ['GET /plain', '200', null, ...body('whole')],
      ['HEAD /live/none', '200', null, ...body('')],
    ]);
    const edge = await trail.run(
      `SELECT DISTINCT extended_request_id, method || ' ' || path, resource, status, response_length, integration_status
       FROM edge_requests_raw ORDER BY 2`,
    );
    await trail.close();
    const streamed = '/live/{proxy+}';
    expect(edge.rows.map(([, ...row]) => row)).toEqual([
      ['DELETE /local/live/none', streamed, '204', '0', '200'],
      ['GET /local/live/broken', streamed, '200', '8', '200'],
      ['GET /local/live/endless', streamed, '200', '4', '200'],
      ['GET /local/live/events', streamed, '200', '27', '200'],
      ['GET /local/live/large', streamed, '200', String(LARGE.length), '200'],
      ['GET /local/live/left', streamed, '200', '15', '200'],
      ['GET /local/live/left-early', streamed, '-', '0', '-'],
      ['GET /local/live/silent', streamed, '502', '36', '-'],
      ['GET /local/live/whole', '/live/whole', '200', '5', '200'],
      ['GET /local/plain', '/{proxy+}', '200', '5', '200'],
      ['HEAD /local/live/none', streamed, '200', '0', '200'],
    ]);
    const { code, stdout } = await runCli(['verify', '--local', data], { cwd: folder });
    expect(stdout).toContain('0 open)');
    expect(code).toBe(0);
    expect((await verifyFolder(data)).findings).toEqual([]);
  }, 60_000);
});
