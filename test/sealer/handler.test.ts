import { describe, expect, it } from 'vitest';
import { bucketObjects } from '../../lambda/sealer/aws/bucket-objects';
import { bucketStore } from '../../lambda/sealer/aws/bucket-store';
import { SealerHandler, type HandlerParts } from '../../lambda/sealer/handler';
import { turnOf } from '../../lambda/sealer/sweep';
import { Inspector } from '../../lambda/sealer/inspect/inspector';
import { decodeLeaf, openCheckpoint, verifyTiles } from '../../lib/ledger';
import { Sealer } from '../../lib/ledger/seal';
import { SWEEP, SWEEP_ROUND_HOURS, SWEPT_AGE_DAYS } from '../../lib/ledger/seal/settings';
import { noWaiting, signer } from '../ledger/seal/support';
import type { S3Server } from '../support/s3-server';
import { bucketOnServer } from './aws/support';

const NOW = Date.UTC(2026, 10, 24, 7, 30);
const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
/** How long it takes until a folder has its turn. */
const until = (turn: number) =>
  ((turn - (Math.floor(NOW / HOUR) % SWEEP_ROUND_HOURS) + SWEEP_ROUND_HOURS) % SWEEP_ROUND_HOURS) * HOUR;
const ago = (minutes: number) => new Date(NOW - minutes * MINUTE);

/** The function over a bucket behind HTTP. */
async function handlerOnServer(parts: Partial<HandlerParts> = {}) {
  const { s3, bucket } = await bucketOnServer();
  const lines: Record<string, unknown>[] = [];
  const sealer = new Sealer({
    store: bucketStore(bucket),
    inspector: new Inspector(bucketObjects(bucket)),
    signer,
    timing: noWaiting,
  });
  const handler = new SealerHandler({
    settings: { bucket: 'trail', sweepHours: 3, metricNamespace: 'AuditProxy/test' },
    sealer: async () => sealer,
    bucket,
    store: bucketStore(bucket),
    now: () => NOW,
    log: (line) => void lines.push(JSON.parse(line) as Record<string, unknown>),
    ...parts,
  });
  const metric = (name: string) => lines.filter((line) => name in line).map((line) => line[name]);
  return { s3, handler, lines, metric };
}

function message(id: string, key: string, versionId?: string, time = ago(2), more: object = {}) {
  const object = { key, size: 3, etag: 'x', ...(versionId && { 'version-id': versionId }), sequencer: '00' };
  const detail = { version: '0', bucket: { name: 'trail' }, object, reason: 'PutObject', ...more };
  const event = {
    version: '0',
    id,
    'detail-type': 'Object Created',
    source: 'aws.s3',
    time: time.toISOString(),
    detail,
  };
  return { messageId: id, body: JSON.stringify(event) };
}

async function leavesIn(s3: S3Server) {
  const read = async (path: string) => s3.objects.get(`ledger/${path}`)?.at(-1)?.bytes;
  const note = await read('checkpoint');
  const leaves: { key: string; versionId: string }[] = [];
  if (note === undefined) return leaves;
  for await (const { entries } of verifyTiles({ read }, openCheckpoint(note, [signer.verifier]))) {
    leaves.push(...entries.map(decodeLeaf));
  }
  return leaves;
}

describe('notices of the queue', () => {
  it('have their objects sealed', async () => {
    const { s3, handler, metric } = await handlerOnServer();
    const keys = ['edge/dt=2026-11-24/hour=07/a b.parquet', 'errors/x/dt=2026-11-24/hour=07/b'];
    const versions = keys.map((key) => ({ key, versionId: s3.add(key, 'abc') }));
    const Records = versions.map(({ key, versionId }, i) => message(`m${i}`, key, versionId, ago(2 + i)));

    expect(await handler.handle({ Records })).toEqual({ batchItemFailures: [] });

    expect(await leavesIn(s3)).toMatchObject(versions);
    expect(metric('SealLag')).toEqual([180]);
    expect(metric('ObjectsSealed')).toEqual([2]);
    expect(metric('TreeSize')).toEqual([2]);
    expect(metric('SealingStopped')).toEqual([0]);
  });

  it('come again, and change nothing', async () => {
    const { s3, handler, metric } = await handlerOnServer();
    const key = 'edge/dt=2026-11-24/hour=07/a.parquet';
    const id = s3.add(key, 'abc');
    for (let times = 0; times < 3; times++) await handler.handle({ Records: [message('a', key, id), message('b', key, id)] }); // prettier-ignore
    expect(await leavesIn(s3)).toHaveLength(1);
    expect(metric('ObjectsSealed')).toEqual([1, 0, 0]);
  });

  it('stay in the queue where they are none, and hold up no others', async () => {
    const { s3, handler, lines } = await handlerOnServer();
    const key = 'edge/dt=2026-11-24/hour=07/a.parquet';
    const good = message('good', key, s3.add(key, 'abc'));
    const bad = [
      { messageId: 'text', body: 'hello' },
      { messageId: 'null', body: 'null' },
      { messageId: 'other', body: JSON.stringify({ 'detail-type': 'Object Deleted', detail: { object: { key } } }) },
      message('elsewhere', key, 'v', ago(1), { bucket: { name: 'another' } }),
    ];
    const answer = await handler.handle({ Records: [...bad, good] });
    expect(answer?.batchItemFailures.map(({ itemIdentifier }) => itemIdentifier)).toEqual(bad.map((m) => m.messageId));
    expect(await leavesIn(s3)).toHaveLength(1);
    expect(lines.filter((line) => line['message'] === 'not a notice of this bucket')).toHaveLength(4);
  });

  it('stay in the queue where their object cannot be read now', async () => {
    const { s3, handler } = await handlerOnServer();
    const [first, second] = ['edge/dt=2026-11-24/hour=07/a', 'edge/dt=2026-11-24/hour=07/b'] as const;
    const Records = [first, second].map((key) => message(key, key, s3.add(key, 'abc')));
    s3.fault = (method, key) =>
      method === 'GET' && key === second ? { status: 500, code: 'InternalError' } : undefined;
    expect(await handler.handle({ Records })).toEqual({ batchItemFailures: [{ itemIdentifier: second }] });
    expect(await leavesIn(s3)).toMatchObject([{ key: first }]);
    s3.fault = () => undefined;
    expect(await handler.handle({ Records })).toEqual({ batchItemFailures: [] });
    expect(await leavesIn(s3)).toHaveLength(2);
  });

  it('are done where there is no such object, and where it is the ledger’s own', async () => {
    const { s3, handler, lines } = await handlerOnServer();
    const Records = [message('gone', 'edge/gone', 'v'), message('own', 'ledger/head', 'v')];
    expect(await handler.handle({ Records })).toEqual({ batchItemFailures: [] });
    expect(s3.objects.size).toBe(0);
    expect(lines).toContainEqual({ message: 'there is no such object version', key: 'edge/gone', versionId: 'v' });
  });

  it('all stay in the queue when sealing fails, and it is said whether it stands still', async () => {
    const { s3, handler, metric, lines } = await handlerOnServer();
    const key = 'edge/dt=2026-11-24/hour=07/a';
    const Records = [message('a', key, s3.add(key, 'abc'))];
    s3.fault = (method) => (method === 'PUT' ? { status: 503, code: 'SlowDown' } : undefined);
    await expect(handler.handle({ Records })).rejects.toThrow('SlowDown');
    s3.fault = () => undefined;
    s3.add('ledger/head', 'not a head');
    await expect(handler.handle({ Records })).rejects.toMatchObject({ code: 'HEAD_MALFORMED' });
    expect(metric('SealingStopped')).toEqual([0, 1]);
    expect(metric('SealLag')).toEqual([120, 120]);
    expect(lines.at(-1)).toMatchObject({ _aws: { CloudWatchMetrics: [{ Namespace: 'AuditProxy/test', Dimensions: [[]] }] } }); // prettier-ignore
  });

  it('say which objects hold events that cannot be read', async () => {
    const { s3, handler, lines, metric } = await handlerOnServer();
    const key = 'events/dt=2026-11-24/hour=07/a.parquet';
    await handler.handle({ Records: [message('a', key, s3.add(key, 'not Parquet'))] });
    expect(metric('ObjectsUnreadable')).toEqual([1]);
    expect(lines).toContainEqual({ message: 'sealed, but its events are not as a writer puts them there', key, versionId: 'version.1', reason: expect.any(String) }); // prettier-ignore
  });
});

describe('a sweep', () => {
  it('seals what the queue was not told of, in every partition of the last hours', async () => {
    const { s3, handler, metric, lines } = await handlerOnServer();
    const hours = ['dt=2026-11-24/hour=07', 'dt=2026-11-24/hour=04'];
    const prefixes = ['events', 'fallback', 'edge', 'errors/format-conversion-failed', 'errors/edge/processing-failed'];
    const found = hours.flatMap((hour) => prefixes.map((prefix) => `${prefix}/${hour}/x`));
    for (const key of found) s3.add(key, 'abc', { modified: ago(45) });
    s3.add(found[0]!, 'a second version', { modified: ago(5) });
    s3.add('events/dt=2026-11-24/hour=03/x', 'abc');
    s3.add('ledger/staging/dt=2026-11-24/hour=07/x', 'abc');

    expect(await handler.handle(SWEEP)).toBeUndefined();

    const keys = (await leavesIn(s3)).map(({ key }) => key);
    expect(keys.sort()).toEqual([...found, found[0]].sort());
    expect(metric('ObjectsSealed')).toEqual([11]);
    expect(metric('NoticesLost')).toEqual([10]); // the notice of the second version may still come
    expect(lines.filter((line) => line['message'] === 'its notice was lost')).toHaveLength(10);
    expect(metric('SealLag')).toEqual([]); // it was told of nothing
  });

  it('seals what came late into an old partition when that has its turn, but not what is older than several rounds', async () => {
    let now = NOW;
    const { s3, handler } = await handlerOnServer({ now: () => now });
    const key = 'events/dt=2025-02-03/hour=04/x';
    s3.add(key, 'abc', { modified: ago((SWEPT_AGE_DAYS + 1) * 24 * 60) });
    now += until(turnOf('events/dt=2025-02-03/hour=04/'));
    s3.add('events/dt=2025-02-03/hour=04/y', 'abc', { modified: new Date(now - 45 * MINUTE) });
    await handler.handle(SWEEP);
    expect((await leavesIn(s3)).map((leaf) => leaf.key)).toEqual(['events/dt=2025-02-03/hour=04/y']);
    await handler.handle({ sweep: true, prefix: 'events/' });
    expect(await leavesIn(s3)).toHaveLength(2);
  });

  it('finds nothing new after the notices', async () => {
    const { s3, handler, metric } = await handlerOnServer();
    const key = 'edge/dt=2026-11-24/hour=07/a';
    await handler.handle({ Records: [message('a', key, s3.add(key, 'abc', { modified: ago(45) }))] });
    await handler.handle(SWEEP);
    expect(metric('NoticesLost')).toEqual([0]);
    expect(await leavesIn(s3)).toHaveLength(1);
  });

  it('looks at a prefix that is named', async () => {
    const { s3, handler } = await handlerOnServer();
    for (const key of ['by-hand/x', 'events/dt=2020-01-01/hour=00/x', 'ledger/x']) s3.add(key, 'abc');
    await handler.handle({ sweep: true, prefix: 'by-hand/' });
    expect(await leavesIn(s3)).toHaveLength(1);
    await handler.handle({ sweep: true, prefix: '' });
    expect((await leavesIn(s3)).map(({ key }) => key)).toEqual(['by-hand/x', 'events/dt=2020-01-01/hour=00/x']);
  });

  it('fails where something could not be read, so that it is seen', async () => {
    const { s3, handler } = await handlerOnServer();
    s3.add('edge/dt=2026-11-24/hour=07/a', 'abc');
    s3.fault = (_method, key) => (key.startsWith('edge/') ? { status: 500, code: 'InternalError' } : undefined);
    await expect(handler.handle(SWEEP)).rejects.toThrow('1 object versions could not be read');
  });

  it('is what it was asked for, and nothing else is', async () => {
    const { handler } = await handlerOnServer();
    await expect(handler.handle({} as typeof SWEEP)).rejects.toThrow('neither');
  });
});

it('says that it cannot start', async () => {
  const { handler, metric } = await handlerOnServer({
    sealer: () => Promise.reject(new Error('KMS is not reachable')),
  });
  await expect(handler.handle({ Records: [message('a', 'edge/a', 'v')] })).rejects.toThrow('KMS is not reachable');
  expect(metric('SealLag')).toEqual([120]);
});
