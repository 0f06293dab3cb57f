import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { GetObjectCommand, ListObjectsV2Command, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startPipeline, type Pipeline } from '../../bin/local/pipeline';
import { openLocalTrail } from '../../bin/query/duckdb-queries';
import { S3Server } from '../support/s3-server';
import { hasGit, startGitService } from './services/git-service';
import { startJournaled, type JournaledService } from './services/journal';
import { startNpmRegistry } from './services/npm-registry';

const run = promisify(execFile);
const withGit = hasGit();
if (!withGit)
  console.warn('SKIPPED: git clone and push through the proxy, since there is no git with http-backend here');

describe('tools through the running pipeline', () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'audit-proxy-tools-'));
  const data = path.join(folder, 'trail');
  const services: Record<string, JournaledService> = {};
  let pipeline: Pipeline;
  let s3Url = '';

  beforeAll(async () => {
    for (const name of ['git', 'npm', 'work', 'app']) mkdirSync(path.join(folder, name));
    if (withGit) services['git'] = await startGitService(path.join(folder, 'git'));
    services['npm'] = await startNpmRegistry(path.join(folder, 'npm'), () => `${pipeline.url}/npm`);
    services['news'] = await startJournaled((_, response) => {
      response.writeHead(200, { 'Content-Type': 'text/event-stream', 'Cache-Control': 'no-cache' });
      response.write('id: 1\ndata: first\n\n');
      setTimeout(() => response.end('id: 2\ndata: second\n\n'), 50);
    });
    // The bucket is there for one test alone, so that a door to it stands in for it.
    services['s3'] = await startJournaled((request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => {
        const headers = Object.fromEntries(Object.entries(request.headers).filter(([name]) => name.startsWith('x-amz'))) as Record<string, string>; // prettier-ignore
        const hasBody = request.method === 'PUT';
        void fetch(s3Url + request.url, { method: request.method ?? 'GET', headers, ...(hasBody && { body: Buffer.concat(chunks) }) }) // prettier-ignore
          .then(async (answer) => {
            response.writeHead(answer.status, { 'Content-Type': 'application/xml' });
            response.end(Buffer.from(await answer.arrayBuffer()));
          });
      });
    });
    const routes = Object.entries(services).map(([name, { url }]) => ({ path: `/${name}`, upstream: url, stripPrefix: true })); // prettier-ignore
    const configFile = path.join(folder, 'audit-proxy.json');
    writeFileSync(configFile, JSON.stringify({ routes }));
    pipeline = await startPipeline({ configFile, dataFolder: data, port: 0, concurrency: 2 });
  }, 120_000);

  afterAll(async () => {
    await pipeline?.stop();
    for (const service of Object.values(services)) service.stop();
    rmSync(folder, { recursive: true, force: true });
  }, 60_000);

  it('npm install', async () => {
    const cwd = path.join(folder, 'app');
    writeFileSync(path.join(cwd, 'package.json'), '{"name":"app","version":"1.0.0"}');
    const options = ['--registry', `${pipeline.url}/npm/`, '--cache', path.join(folder, 'cache'), '--userconfig', path.join(folder, 'none')]; // prettier-ignore
    await run('npm', ['install', 'oolong-tea', '--no-audit', '--no-fund', '--no-update-notifier', ...options], { cwd });
    expect(readFileSync(path.join(cwd, 'node_modules/oolong-tea/index.js'), 'utf8')).toContain('oolong');
    expect(services['npm']?.journal).toEqual(['GET /oolong-tea', 'GET /oolong-tea/-/oolong-tea-1.0.0.tgz']);
  }, 60_000);

  it.runIf(withGit)(
    'git push and clone',
    async () => {
      const env = { PATH: process.env['PATH'], HOME: folder, GIT_TERMINAL_PROMPT: '0', GIT_CONFIG_NOSYSTEM: '1' };
      const git = (cwd: string, ...args: string[]) => run('git', args, { cwd, env });
      const work = path.join(folder, 'work');
      const url = `${pipeline.url}/git/tea.git`;
      await git(work, 'init', '--quiet', '--initial-branch=main');
      const leaves = Buffer.from(Array.from({ length: 100_000 }, (_, i) => (i * 7919) % 251));
      writeFileSync(path.join(work, 'leaves.bin'), leaves);
      await git(work, 'add', '.');
      await git(work, '-c', 'user.name=a', '-c', 'user.email=a@example.com', 'commit', '--quiet', '-m', 'leaves');
      await git(work, 'push', '--quiet', url, 'main');
      await git(folder, 'clone', '--quiet', url, 'cloned');
      expect(readFileSync(path.join(folder, 'cloned/leaves.bin'))).toEqual(leaves);
      expect(services['git']?.journal).toContain('POST /tea.git/git-receive-pack');
      expect(services['git']?.journal).toContain('POST /tea.git/git-upload-pack');
    },
    60_000,
  );

  it('an S3 client', async () => {
    const server = await S3Server.start();
    s3Url = server.url;
    const client = new S3Client({
      endpoint: `${pipeline.url}/s3`,
      forcePathStyle: true,
      region: 'eu-west-1',
      credentials: { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'secret' },
    });
    const Key = 'tea/grüner tee+1.txt';
    await client.send(new PutObjectCommand({ Bucket: 'shop', Key, Body: Buffer.from('sencha'), ChecksumAlgorithm: 'SHA256' })); // prettier-ignore
    const { Body } = await client.send(new GetObjectCommand({ Bucket: 'shop', Key }));
    expect(await Body?.transformToString()).toBe('sencha');
    const { Contents } = await client.send(new ListObjectsV2Command({ Bucket: 'shop', Prefix: 'tea/' }));
    expect(Contents?.map((object) => object.Key)).toEqual([Key]);
    client.destroy();
  }, 30_000);

  it('server-sent events, which arrive whole: answers are buffered', async () => {
    const answer = await fetch(`${pipeline.url}/news/today`, { headers: { accept: 'text/event-stream' } });
    expect(answer.headers.get('content-type')).toBe('text/event-stream');
    expect(await answer.text()).toBe('id: 1\ndata: first\n\nid: 2\ndata: second\n\n');
  });

  it('leave one attempt and one outcome of every request', async () => {
    const requests = Object.entries(services).flatMap(([name, { journal }]) =>
      journal.map((line) => line.replace(' ', ` /${name}`)),
    );
    expect(requests.length).toBeGreaterThan(withGit ? 9 : 5);
    const expected = requests.flatMap((line) => [`attempt ${line}`, `outcome ${line}`]).sort();
    await expect.poll(() => eventsIn(data), { timeout: 15_000, interval: 200 }).toEqual(expected);
  }, 30_000);
});

/** Each event once, e.g. `outcome GET /npm/oolong-tea`. */
async function eventsIn(data: string): Promise<string[]> {
  const trail = await openLocalTrail(data);
  const { rows } = await trail.run(
    `SELECT DISTINCT metadata.uid, unmapped.phase || ' ' || http_request.http_method || ' ' || http_request.url.path
     FROM audit_events_raw WHERE class_uid = 6003`,
  );
  await trail.close();
  return rows.map((row) => String(row[1])).sort();
}
