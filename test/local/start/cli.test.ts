import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import http from 'node:http';
import net from 'node:net';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { afterTest } from '../../support/after-test';
import { CLI, configFor, ctrlC, ready, ROOT, startCli, temporaryFolder, upstreamThat } from './start-fixture';

const run = promisify(execFile);

describe('audit-proxy start', () => {
  it('prints three things to try, each of which works when pasted, and keeps every event', async () => {
    const data = path.join(temporaryFolder(), "it's here");
    const running = startCli('--port', '0', '--data', data, '--concurrency', '2');
    await ready(running);
    const [get = '', post = '', events = ''] = running.stdout().match(/^ {2}(?:curl|npx) .*$/gm) ?? [];

    const got = await run('bash', ['-c', get], { cwd: ROOT });
    expect(JSON.parse(got.stdout)).toMatchObject({ orders: [{ id: 'o-1' }, { id: 'o-2' }] });
    const posted = await run('bash', ['-c', post], { cwd: ROOT });
    expect(JSON.parse(posted.stdout)).toMatchObject({ order: { id: 'o-3', item: 'oolong', quantity: 3 } });

    ctrlC(running);
    expect(await running.exit).toBe(0);
    expect(running.stdout()).toContain('every event is in the trail');
    expect(running.stderr()).toBe('');

    const listed = await run('bash', ['-c', events], { cwd: ROOT });
    expect(listed.stdout).toMatch(/alice@example\.com +POST +\/orders/);
    expect(listed.stdout).toMatch(/alice@example\.com +GET +\/orders/);
    const verified = await run(process.execPath, [CLI, 'verify', '--local', data]);
    expect(verified.stdout).toMatch(/0 open\)/);
    expect(readFileSync(path.join(data, 'function.log'), 'utf8')).not.toContain('Error');
    // npx and DuckDB take seconds each on a busy machine.
  }, 120_000);

  it('takes a config of the user, with other events, and no sample services', async () => {
    const upstream = await upstreamThat((_request, response) => response.end('from upstream'));
    const config = configFor(upstream, { api: { type: 'HTTP' } });
    const running = startCli('--port', '0', '--data', temporaryFolder(), '--config', config, '--concurrency', '1');

    const url = await ready(running);
    const answer = await fetch(`${url}/slow`);

    expect(running.stdout()).toContain('HTTP API (payload v2), 1 at a time');
    expect(running.stdout()).not.toContain('sample service');
    expect(await answer.text()).toBe('from upstream');
    expect(answer.headers.get('apigw-requestid')).toMatch(/=$/);
  });

  it('finishes requests that are under way when it is told to stop', async () => {
    let release: (() => void) | undefined;
    const upstream = await upstreamThat((_request, response) => {
      release = () => response.end('finished');
    });
    const running = startCli('--port', '0', '--data', temporaryFolder(), '--config', configFor(upstream));
    const url = await ready(running);
    const answer = fetch(`${url}/slow`).then((response) => response.text());
    while (release === undefined) await sleep(10);

    running.child.kill('SIGTERM');
    await sleep(200);
    await expect(fetch(url)).rejects.toThrow();
    release();

    expect(await answer).toBe('finished');
    expect(await running.exit).toBe(0);
  });

  it('stops at once when told twice', async () => {
    let reached = false;
    const upstream = await upstreamThat(() => (reached = true));
    const running = startCli('--port', '0', '--data', temporaryFolder(), '--config', configFor(upstream));
    const request = http.get(`${await ready(running)}/slow`).on('error', () => undefined);
    while (!reached) await sleep(10);

    ctrlC(running);
    await once(running.child.stdout!, 'data');
    ctrlC(running);

    expect(await running.exit).toBe(130);
    request.destroy();
  });
});

describe('what keeps it from starting is one clear line and exit code 2', () => {
  async function fails(...args: string[]): Promise<string> {
    const running = startCli(...args);
    expect(await running.exit).toBe(2);
    expect(running.stdout()).toBe('');
    return running.stderr();
  }

  it('a port that is taken', async () => {
    const server = net.createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    afterTest(() => void server.close());
    const { port } = server.address() as net.AddressInfo;
    expect(await fails('--port', String(port), '--data', temporaryFolder())).toBe(
      `audit-proxy: port ${port} is taken: choose another with --port\n`,
    );
  });

  it('a config that is wrong', async () => {
    const config = configFor('not a url');
    const line = await fails('--config', config, '--port', '0', '--data', temporaryFolder());
    expect(line).toMatch(/^audit-proxy: .*config\.json:1:\d+ routes\[0\]\.upstream: [^\n]+\n$/);
  });

  it('a data folder that cannot be made', async () => {
    const file = path.join(temporaryFolder(), 'file');
    writeFileSync(file, '');
    expect(await fails('--data', path.join(file, 'below'), '--port', '0')).toMatch(
      /^audit-proxy: cannot write to the data folder .*ENOTDIR[^\n]*\n$/,
    );
  });

  it.runIf(process.platform === 'linux')('a data folder on a file system that takes none', async () => {
    expect(await fails('--data', '/proc/audit', '--port', '0')).toMatch(/^audit-proxy: cannot write[^\n]*\n$/);
    expect(await fails('--data', '/proc', '--port', '0')).toMatch(/^audit-proxy: cannot write[^\n]*\n$/);
  });

  it('another pipeline on the data folder', async () => {
    const data = temporaryFolder();
    await ready(startCli('--port', '0', '--data', data, '--concurrency', '1'));
    expect(await fails('--port', '0', '--data', data)).toBe(
      `audit-proxy: the data folder ${data} is in use by another pipeline: stop that one, or choose another with --data\n`,
    );
  });

  it('a folder where the log of the function should be', async () => {
    const data = temporaryFolder();
    mkdirSync(path.join(data, 'function.log'));
    expect(await fails('--port', '0', '--data', data)).toMatch(
      /^audit-proxy: the proxy function does not start: EISDIR/,
    );
  });

  it.each([
    ['--port', 'abc'],
    ['--port', '65536'],
    ['--concurrency', '0'],
    ['--payload', 'v3'],
  ])('%s %s', async (option, value) => {
    expect(await fails(option, value, '--data', temporaryFolder())).toMatch(
      new RegExp(`^error: option '${option} <\\w+>' argument '${value}' is invalid`),
    );
  });
});
