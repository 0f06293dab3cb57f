import { buffer } from 'node:stream/consumers';
import { describe, expect, it } from 'vitest';
import { bucketObjects } from '../../../lambda/sealer/aws/bucket-objects';
import { bucketStore } from '../../../lambda/sealer/aws/bucket-store';
import { bucketOnServer } from './support';

const all = async <T>(pages: AsyncIterable<readonly T[]>): Promise<T[]> => {
  const items: T[] = [];
  for await (const page of pages) items.push(...page);
  return items;
};

describe('the ledger in the bucket', () => {
  it('lies under its prefix, with a checksum, a condition, and the types that tlog-tiles asks for', async () => {
    const { s3, bucket } = await bucketOnServer();
    const store = bucketStore(bucket);
    await store.putIfAbsent('tile/0/000', Buffer.from('t'));
    await store.putIfAbsent('checkpoint', Buffer.from('c'));
    await store.putIfMatch('checkpoint', Buffer.from('d'), (await store.get('checkpoint'))!.etag);
    const puts = s3.requests.filter(({ method }) => method === 'PUT');
    expect(puts.map(({ url, headers }) => [url.split('?')[0], headers['content-type'], headers['if-none-match'], headers['if-match']])).toEqual([
      ['/trail/ledger/tile/0/000', 'application/octet-stream', '*', undefined],
      ['/trail/ledger/checkpoint', 'text/plain; charset=utf-8', '*', undefined],
      ['/trail/ledger/checkpoint', 'text/plain; charset=utf-8', undefined, '"etag-2"'],
    ]); // prettier-ignore
    expect(puts.every(({ headers }) => headers['x-amz-checksum-sha256'] !== undefined)).toBe(true);
  });

  it('throws what is no answer: a race, a denial, a failure', async () => {
    const { s3, bucket } = await bucketOnServer();
    const store = bucketStore(bucket);
    for (const [status, code] of [[409, 'ConditionalRequestConflict'], [403, 'AccessDenied'], [503, 'SlowDown']] as const) {
      s3.fault = () => ({ status, code });
      await expect(store.putIfAbsent('tile/0/000', Buffer.from('t')), code).rejects.toThrow(code);
      await expect(store.putIfMatch('head', Buffer.from('t'), '"x"'), code).rejects.toThrow(code);
      await expect(store.get('head'), code).rejects.toThrow(code);
      await expect(store.list('index/a/'), code).rejects.toThrow(code);
    } // prettier-ignore
    s3.fault = () => ({ status: 404, code: 'NoSuchBucket' });
    await expect(store.putIfAbsent('tile/0/000', Buffer.from('t'))).rejects.toThrow('NoSuchBucket');
  });

  it('lists page by page', async () => {
    const { s3, bucket } = await bucketOnServer();
    s3.pageSize = 2;
    for (let i = 0; i < 5; i++) s3.add(`ledger/index/a/${i}`, 'x');
    expect(await bucketStore(bucket).list('index/a/')).toEqual([0, 1, 2, 3, 4].map((i) => `index/a/${i}`));
  });
});

describe('objects of the trail', () => {
  it('are read by version, as a whole and in parts', async () => {
    const { s3, bucket } = await bucketOnServer();
    const first = s3.add('events/a b+c%.parquet', 'the first');
    s3.add('events/a b+c%.parquet', 'another');
    const object = (await bucketObjects(bucket).open({ key: 'events/a b+c%.parquet', versionId: first }))!;
    expect(object.size).toBe(9);
    expect((await buffer(object.chunks)).toString()).toBe('the first');
    expect(Buffer.from(await object.range(4, 9)).toString()).toBe('first');
  });

  it('may not be there, or be a delete marker', async () => {
    const { s3, bucket } = await bucketOnServer();
    s3.add('events/a', 'x');
    const marker = s3.add('events/a', '', { isDeleteMarker: true });
    const { open } = bucketObjects(bucket);
    expect(await open({ key: 'events/none', versionId: 'v' })).toBeUndefined();
    expect(await open({ key: 'events/a', versionId: 'v' })).toBeUndefined();
    expect(await open({ key: 'events/a', versionId: marker })).toBeUndefined();
    s3.fault = () => ({ status: 403, code: 'AccessDenied' });
    await expect(open({ key: 'events/a', versionId: 'v' })).rejects.toThrow('AccessDenied');
  });

  it('are listed in every version, whatever their keys, page by page', async () => {
    const { s3, bucket } = await bucketOnServer();
    s3.pageSize = 2;
    const keys = ['events/a b', 'events/a+b', 'events/\u0001', 'events/é&<', 'events/x', 'events/x'];
    const ids = keys.map((key) => s3.add(key, key, { modified: new Date(1_000) }));
    s3.add('events/x', '', { isDeleteMarker: true });
    s3.add('edge/x', 'x');
    const listed = await all(bucket.versions('events/'));
    const expected = keys.map((key, i) => ({ key, versionId: ids[i], lastModified: 1_000 }));
    expect(listed).toHaveLength(expected.length);
    expect(listed).toEqual(expect.arrayContaining(expected));
  });

  it('lie in folders', async () => {
    const { s3, bucket } = await bucketOnServer();
    s3.pageSize = 1;
    for (const key of ['errors/a/1', 'errors/a/2', 'errors/edge/b/1', 'errors/x', 'errors/y']) s3.add(key, '');
    const [folders, keys]: [string[], string[]] = [[], []];
    for await (const level of bucket.level('errors/')) {
      folders.push(...level.folders);
      keys.push(...level.versions.map(({ key }) => key));
    }
    expect({ folders, keys }).toEqual({ folders: ['errors/a/', 'errors/edge/'], keys: ['errors/x', 'errors/y'] });
  });
});
