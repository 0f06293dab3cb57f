import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { Chain } from '../../lib/event/chain';
import { flatViewColumns } from '../../lib/event/sql/flat-view';
import { sealRequest } from '../support/sample-events';
import { runCli } from '../support/run-cli';
import { writeObject } from '../support/sample-trail';

let dir: string;

beforeAll(async () => {
  dir = await mkdtemp(path.join(os.tmpdir(), 'trail-'));
  const chain = new Chain('writer-1');
  const time = Date.now() - 60_000;
  const requests = [
    { time: time - 86_400_000, who: 'alice', path: '/orders/1' },
    { time, who: 'bob', path: `/orders/${'long'.repeat(60)}`, status: 404, ip: '198.51.100.7' },
  ];
  for (const [i, request] of requests.entries()) {
    await writeObject(
      dir,
      `${i}`,
      sealRequest(chain, request).map(({ event }) => event),
    );
  }
});

afterAll(() => rm(dir, { recursive: true, force: true }));

describe('audit-proxy events', () => {
  it('gives the flat rows as a JSON array, the newest first', async () => {
    const { code, stdout, stderr } = await runCli(['events', '--local', dir, '--format', 'json']);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    const rows = JSON.parse(stdout) as Record<string, unknown>[];
    expect(rows.map(({ who, result, status_code }) => ({ who, result, status_code }))).toEqual([
      { who: 'bob', result: 'Failure', status_code: 404 },
      { who: 'alice', result: 'Success', status_code: 200 },
    ]);
    expect(Object.keys(rows[0]!)).toEqual(flatViewColumns.map(({ name }) => name));
  });

  it('filters', async () => {
    const { stdout } = await runCli([
      ...['events', '--local', dir, '--format', 'json', '--who', 'b*', '--what', 'GET /orders/*'],
      ...['--where', '198.51.100.0/24', '--service', 'orders', '--result', '4xx', '--since', '1h', '--until', '1s'],
    ]);
    expect((JSON.parse(stdout) as { who: string }[]).map(({ who }) => who)).toEqual(['bob']);
    const none = await runCli(['events', '--local', dir, '--format', 'json', '--until', '30d']);
    expect(none.stdout).toBe('[]\n');
  });

  it('prints a table that fits the screen', async () => {
    const { code, stdout } = await runCli(['events', '--local', dir], { env: { COLUMNS: '100' } });
    expect(code).toBe(0);
    const lines = stdout.trimEnd().split('\n');
    expect(lines[0]).toMatch(/^time +who +what +where +service +result +ms$/);
    expect(lines).toHaveLength(3);
    expect(lines[1]).toMatch(/^[-\d]{10} [:\d]{8} {2}bob +GET \/orders\/long.*… {2}198\.51\.100\.7 +orders +404 +12$/);
    expect(lines[2]).toMatch(/alice +GET \/orders\/1 +203\.0\.113\.9 +orders +200 +12$/);
    expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(100);
  });

  it('says when there may be more', async () => {
    const { stdout } = await runCli(['events', '--local', dir, '--limit', '1']);
    expect(stdout).toMatch(/^the newest 1; --limit shows more$/m);
  });

  it.each([
    [['--since', 'yesterday'], /^audit-proxy: --since "yesterday" is no time: .*\n$/],
    [['--result', 'good'], /^audit-proxy: --result "good" is unknown: give success, failure or unknown; .*\n$/],
    [['--limit', 'all'], /^audit-proxy: --limit "all" must be a whole number from 1 to 999999999\n$/],
    [
      ['--format', 'xml'],
      /^error: option '--format <format>' argument 'xml' is invalid\. Allowed choices are table, json, csv\./,
    ],
    [['--whom', 'me'], /^error: unknown option '--whom'/],
  ])('refuses %j with exit code 2', async (args, message) => {
    const { code, stdout, stderr } = await runCli(['events', '--local', dir, ...args]);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toMatch(message);
  });
});
