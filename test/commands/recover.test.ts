import { existsSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import { beforeEach, describe, expect, it } from 'vitest';
import { startDeliveryStream } from '../../bin/local/delivery/delivery-stream';
import { errorLine } from '../../bin/local/delivery/error-record';
import { ConversionError } from '../../bin/local/delivery/openx';
import { TRAIL_BUCKET } from '../../bin/local/trail-bucket';
import { verifyEventsAlone } from '../../bin/verify/events-alone';
import { localStore } from '../../bin/verify/trail/local-store';
import { Chain, type SealedEvent } from '../../lib/event/chain';
import { fallbackKey } from '../../lib/event/keys';
import { lastResortLines } from '../../lib/event/last-resort';
import { keysIn, record, uidsIn } from '../local/delivery/support';
import { standIn } from '../recover/aws/stand-in';
import { runCli, type CliOptions } from '../support/run-cli';
import { attempt } from '../support/sample-event';
import { sealClosing, sealRequest } from '../support/sample-events';
import { emptyTrail, writeBytes, writeObject } from '../support/sample-trail';

const events = (sealed: readonly SealedEvent[]) => sealed.map(({ event }) => event);
const linesOf = (sealed: readonly SealedEvent[]) => sealed.flatMap((event) => lastResortLines(event, 'all sinks down'));

/** Bytes that no stream takes in one record. */
const TOO_LARGE = Array.from({ length: 120 }, (_, i) => ({ name: `${i}${'😀"'.repeat(2_500)}` }));

/** A closed chain over two hours; no sink took `short` and `long`, and so the trail lacks them. */
let dir: string;
let short: SealedEvent;
let long: SealedEvent;
beforeEach(async () => {
  const writer = new Chain('writer-1');
  const time = Date.UTC(2026, 10, 24, 7, 59);
  const first = sealRequest(writer, { time });
  long = writer.seal(attempt(1, { time: time + 50_000, actor: { user: { uid: 'alice', groups: TOO_LARGE } } }));
  const [attempted, outcome] = sealRequest(writer, { time: time + 120_000 });
  short = attempted;
  dir = await emptyTrail();
  await writeObject(dir, '07', events(first));
  await writeObject(dir, '08', events([outcome, sealClosing(writer, time + 140_000)]));
});

interface Report {
  complete: boolean;
  found: number;
  recovered: number;
  already_in_trail: number;
  unrecovered: { problem: string; uid?: string; detail: string; from?: string }[];
}

async function recover(args: readonly string[], options: CliOptions = {}) {
  const { code, stdout, stderr } = await runCli(['recover', ...args, '--format', 'json'], options);
  expect(stdout, stderr).not.toBe('');
  return { code, ...(JSON.parse(stdout) as Report) };
}

async function findings(): Promise<string[]> {
  return (await verifyEventsAlone(localStore(dir))).findings.map(({ code }) => code);
}

/** The environment of somebody whose AWS is on this machine. */
const awsAt = (url: string) => ({
  env: { AWS_ENDPOINT_URL: url, AWS_ACCESS_KEY_ID: 'test', AWS_SECRET_ACCESS_KEY: 'test', AWS_REGION: 'eu-west-1' },
});

describe('audit-proxy recover', { timeout: 60_000 }, () => {
  it('closes a chain again from log files, however often it runs', async () => {
    const lines = linesOf([long, short]);
    const log = path.join(dir, 'log.gz');
    await writeFile(log, gzipSync(['START', ...lines.slice(1), 'END'].join('\n')));
    const args = [log, '-', '--local', dir];
    expect(await findings()).toEqual(['CHAIN_GAP']);

    const all = { complete: true, found: 2, unrecovered: [] };
    const first = await recover(args, { stdin: lines[0]! });
    expect(first).toMatchObject({ code: 0, ...all, recovered: 2, already_in_trail: 0 });
    for (const { event, uid, line } of [long, short]) {
      expect(await readFile(path.join(dir, fallbackKey(event.time, uid)), 'utf8')).toBe(`${line}\n`);
    }
    expect(await findings()).toEqual([]);

    const again = await recover(args, { stdin: lines[0]! });
    expect(again).toMatchObject({ code: 0, ...all, recovered: 0, already_in_trail: 2 });
  });

  it('says what it could not recover, and why', async () => {
    const stdin = linesOf([long, short]).slice(1).join('\n').replace('"alice"', '"mallory"');
    const { code, stdout } = await runCli(['recover', '-', '--local', dir, '--dry-run'], { stdin });
    expect(code).toBe(1);
    expect(stdout).toMatch(/^source +-\ndestination +\S+\/fallback\/\nfound +0 events\n/);
    expect(stdout).toMatch(/^would be recovered +0\nalready in the trail +0\nnot recovered +2\n/m);
    expect(stdout).toMatch(
      new RegExp(`^broken +${short.uid} +its fingerprint is not that of its content +standard`, 'm'),
    );
    expect(stdout).toMatch(new RegExp(`^incomplete +${long.uid} +missing of its \\d+ parts: 1$`, 'm'));
    expect(existsSync(path.join(dir, 'fallback'))).toBe(false);
  });

  it('takes what the delivery stream could not convert, and lists what was no event', async () => {
    const error = new ConversionError('DataFormatConversion.MalformedData', 'no');
    const lines = [long.line, '{"requestId":"edge"}', short.line].map((line) => errorLine(record(line), '1', error, 0));
    const key = await writeBytes(dir, 'errors/format-conversion-failed/dt=2026-11-24/hour=08/x', lines.join(''));
    const report = await recover(['--errors', '--local', dir]);
    expect(report).toMatchObject({ code: 1, complete: false, found: 2, recovered: 2 });
    expect(report.unrecovered).toEqual([
      {
        problem: 'no event',
        detail: expect.stringMatching(/^DataFormatConversion\.MalformedData: no; /) as string,
        from: key,
      },
    ]);
  });

  it('replays through a delivery stream on AWS, and what is too large straight into the bucket', async () => {
    const trail = await emptyTrail();
    const aws = await startDeliveryStream({ data: trail, port: 0, streams: ['audit-events'], bufferMs: 20 });
    const log = path.join(dir, 'function.log');
    await writeFile(log, linesOf([long, short]).join('\n'));
    const args = [log, '--stream', 'audit-events', '--bucket', TRAIL_BUCKET];
    const report = await recover(args, awsAt(`http://127.0.0.1:${aws.port}`));
    expect(await aws.stop()).toBe(true);
    expect(report).toMatchObject({ code: 0, found: 2, recovered: 2, unrecovered: [] });
    expect(await uidsIn(trail)).toEqual([short.uid]);
    expect(keysIn(trail, 'fallback')).toEqual([fallbackKey(long.event.time, long.uid)]);
  });

  it('reads a log group of CloudWatch Logs', async () => {
    const { url, requests } = await standIn(({ body }) => {
      const { nextToken } = JSON.parse(body) as { nextToken?: string };
      const lines = nextToken === undefined ? linesOf([long]) : linesOf([short]);
      const page = {
        events: lines.map((message) => ({ message: `${message}\n`, logStreamName: 's' })),
        ...(nextToken === undefined && { nextToken: 'more' }),
      };
      return { headers: { 'content-type': 'application/x-amz-json-1.1' }, body: JSON.stringify(page) };
    });
    const since = '2026-11-24T07:00Z';
    const report = await recover(['--log-group', '/aws/lambda/p', '--since', since, '--local', dir], awsAt(url));
    expect(report).toMatchObject({ code: 0, found: 2, recovered: 2 });
    expect(requests.map(({ body }) => JSON.parse(body) as unknown)).toMatchObject([
      { logGroupName: '/aws/lambda/p', startTime: Date.parse(since) },
      { nextToken: 'more' },
    ]);
  });

  it.each([
    ['what does not go together', ['--errors', '--stream', 's'], '--errors with --stream needs --bucket'],
    ['a file that is not there', ['nowhere.log'], 'cannot read nowhere.log: ENOENT'],
    ['no trail', ['-', '--local', 'nowhere'], 'no trail in nowhere'],
  ])('exits with 2 for %s', async (_, args, message) => {
    const at = args.includes('--local') || args.includes('--stream') ? [] : ['--local', dir];
    const { code, stdout, stderr } = await runCli(['recover', ...args, ...at]);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toContain(`audit-proxy: ${message}`);
  });
});
