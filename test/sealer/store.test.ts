import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { bucketStore } from '../../lambda/sealer/aws/bucket-store';
import { FolderStore } from '../../lambda/sealer/local/folder-store';
import type { SealStore } from '../../lib/ledger/seal';
import { MemorySealStore } from '../support/memory-seal-store';
import { noWaiting, sealerOver, versionsOf } from '../ledger/seal/support';
import { bucketOnServer } from './aws/support';

/** What every store must do for sealing to be safe: the one that other tests use, the folder, and the bucket. */
const stores: Record<string, () => Promise<SealStore>> = {
  memory: async () => new MemorySealStore().client(),
  folder: async () => {
    const folder = await mkdtemp(path.join(os.tmpdir(), 'ledger-'));
    onTestFinished(() => rm(folder, { recursive: true, force: true }));
    return FolderStore.open(path.join(folder, 'ledger'), path.join(folder, '.staging'));
  },
  bucket: async () => bucketStore((await bucketOnServer()).bucket),
};

const text = async (store: SealStore, name: string) => Buffer.from((await store.get(name))?.bytes ?? []).toString();

describe.each(Object.entries(stores))('the store: %s', (_, open) => {
  it('says what is not there', async () => {
    const store = await open();
    for (const name of ['head', 'checkpoint', 'tile/0/000', 'index/a/0']) expect(await store.get(name)).toBeUndefined();
    expect(await store.list('index/a/')).toEqual([]);
    expect(await store.putIfMatch('head', Buffer.from('x'), '"none"')).toBe(false);
  });

  it('writes a file once', async () => {
    const store = await open();
    expect(await store.putIfAbsent('tile/0/000.p/1', Buffer.from('first'))).toBe(true);
    expect(await store.putIfAbsent('tile/0/000.p/1', Buffer.from('first'))).toBe(false);
    expect(await store.putIfAbsent('tile/0/000.p/1', Buffer.from('second'))).toBe(false);
    expect(await text(store, 'tile/0/000.p/1')).toBe('first');
  });

  it('replaces a file only in the state that was read', async () => {
    const store = await open();
    expect(await store.putIfAbsent('head', Buffer.from('1'))).toBe(true);
    expect(await store.putIfAbsent('head', Buffer.from('other'))).toBe(false);
    const first = (await store.get('head'))!;
    expect(await store.putIfMatch('head', Buffer.from('2'), first.etag)).toBe(true);
    expect(await store.putIfMatch('head', Buffer.from('other'), first.etag)).toBe(false);
    expect(await text(store, 'head')).toBe('2');
    const second = (await store.get('head'))!;
    expect(second.etag).not.toBe(first.etag);
  });

  it('lets one of many replace it', async () => {
    const store = await open();
    await store.putIfAbsent('checkpoint', Buffer.from('0'));
    for (let round = 1; round <= 5; round++) {
      const { etag } = (await store.get('checkpoint'))!;
      const won = await Promise.all(
        Array.from({ length: 8 }, (_unused, i) => store.putIfMatch('checkpoint', Buffer.from(`${round}-${i}`), etag)),
      );
      expect(won.filter(Boolean)).toHaveLength(1);
      expect(await text(store, 'checkpoint')).toBe(`${round}-${won.indexOf(true)}`);
    }
  });

  it('lists what is under a prefix', async () => {
    const store = await open();
    for (const name of ['index/a/2', 'index/a/1', 'index/ab/3']) await store.putIfAbsent(name, Buffer.from(name));
    expect((await store.list('index/a/')).sort()).toEqual(['index/a/1', 'index/a/2']);
  });

  it('keeps sealers apart', async () => {
    const store = await open();
    const versions = versionsOf(60);
    const timing = { ...noWaiting, sleep: () => new Promise<void>((resolve) => void setTimeout(resolve, 5)) };
    const reports = await Promise.all(
      Array.from({ length: 3 }, (_unused, i) =>
        sealerOver(store, { timing }).seal(versions.slice(i * 10, i * 10 + 40)),
      ),
    );
    expect(reports.flatMap(({ sealed }) => sealed)).toHaveLength(60);
    expect((await sealerOver(store).seal(versions)).known).toBe(60);
  });
});
