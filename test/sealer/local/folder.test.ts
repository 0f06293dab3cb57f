import { createPrivateKey, generateKeyPairSync } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  renameSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import { buffer } from 'node:stream/consumers';
import { describe, expect, it } from 'vitest';
import { DurableFiles } from '../../../lambda/sealer/local/durable';
import { FolderListing } from '../../../lambda/sealer/local/folder-listing';
import { folderObjects } from '../../../lambda/sealer/local/folder-objects';
import { FolderStore } from '../../../lambda/sealer/local/folder-store';
import { localKey } from '../../../lambda/sealer/local/local-key';
import { openCheckpoint, signCheckpoint } from '../../../lib/ledger';
import { temporaryFolder } from './support';

describe('the files of the ledger', () => {
  const opened = async (root: string) => FolderStore.open(path.join(root, 'ledger'), path.join(root, '.staging'));
  const shown = (root: string, name: string) => readFileSync(path.join(root, 'ledger', name), 'utf8');

  it('keep every state of what is replaced, and show the last', async () => {
    const root = temporaryFolder();
    const store = await opened(root);
    await store.putIfAbsent('checkpoint', Buffer.from('1'));
    for (const text of ['2', '3'])
      await store.putIfMatch('checkpoint', Buffer.from(text), (await store.get('checkpoint'))!.etag);
    expect(shown(root, 'checkpoint')).toBe('3');
    expect([1, 2, 3].map((n) => shown(root, `versions/checkpoint/000000000000000${n}`))).toEqual(['1', '2', '3']);
    expect(readdirSync(path.join(root, '.staging'))).toEqual([]);
    expect(statSync(path.join(root, 'ledger/checkpoint')).mode & 0o777).toBe(0o444);
  });

  it('show the last state again after a crash between the two', async () => {
    const root = temporaryFolder();
    const store = await opened(root);
    await store.putIfAbsent('head', Buffer.from('1'));
    writeFileSync(path.join(root, 'ledger/versions/head/0000000000000002'), '2');
    expect(shown(root, 'head')).toBe('1');
    // A sealer that is running sees it as well.
    expect(Buffer.from((await store.get('head'))!.bytes).toString()).toBe('2');
    await opened(root);
    expect(shown(root, 'head')).toBe('2');
  });

  it('leave nothing half-written of a process that died long ago', async () => {
    const root = temporaryFolder();
    await opened(root);
    const [old, young] = ['old', 'young'].map((name) => path.join(root, '.staging', name)) as [string, string];
    for (const file of [old, young]) writeFileSync(file, 'half');
    utimesSync(old, new Date(0), new Date(0));
    await opened(root);
    expect([old, young].map((file) => existsSync(file))).toEqual([false, true]);
  });
});

describe('the key', () => {
  const keyIn = async (root: string) =>
    localKey(path.join(root, 'keys'), await DurableFiles.open(path.join(root, '.s')));

  it('is made once, for the owner’s eyes only, with its vkey beside it', async () => {
    const root = temporaryFolder();
    const [first, second] = await Promise.all([keyIn(root), keyIn(root)]);
    expect(second.verifier.vkey).toBe(first.verifier.vkey);
    expect(readFileSync(path.join(root, 'keys/ledger.vkey'), 'utf8')).toBe(`${first.verifier.vkey}\n`);
    expect(statSync(path.join(root, 'keys/ledger.pem')).mode & 0o777).toBe(0o600);

    const checkpoint = { origin: first.verifier.name, size: 0, root: Buffer.alloc(32) };
    const note = await signCheckpoint(checkpoint, [second]);
    expect(openCheckpoint(note, [first.verifier])).toEqual(checkpoint);
    expect((await keyIn(temporaryFolder())).verifier.name).not.toBe(first.verifier.name);
  });

  it('is refused where it is none', async () => {
    const root = temporaryFolder();
    await keyIn(root);
    const file = path.join(root, 'keys/ledger.pem');
    renameSync(file, `${file}.kept`);
    writeFileSync(file, 'not a key');
    await expect(keyIn(root)).rejects.toThrow();
    const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256', privateKeyEncoding: { type: 'pkcs8', format: 'pem' }, publicKeyEncoding: { type: 'spki', format: 'pem' } }); // prettier-ignore
    expect(createPrivateKey(privateKey).asymmetricKeyType).toBe('ec');
    writeFileSync(file, privateKey);
    await expect(keyIn(root)).rejects.toMatchObject({ code: 'KEY_MALFORMED' });
  });
});

describe('the objects of the trail', () => {
  const write = (root: string, key: string, text = 'abc') => {
    mkdirSync(path.join(root, path.dirname(key)), { recursive: true });
    writeFileSync(path.join(root, key), text);
  };

  it('are listed wherever they lie, and nothing else is', async () => {
    const root = temporaryFolder();
    const keys = [
      'edge/a',
      'errors/edge/x/dt=2026-11-24/hour=07/b',
      'events/dt=2026-11-24/hour=07/c.parquet',
      'fallback/d',
    ];
    for (const key of [...keys, 'ledger/head', 'keys/ledger.pem', 'function.log', 'delivery/segment']) write(root, key);
    expect((await new FolderListing(root).keys()).sort()).toEqual(keys);
    expect(await new FolderListing(path.join(root, 'none')).keys()).toEqual([]);
  });

  it('are found later, also in folders that were at rest', async () => {
    const root = temporaryFolder();
    write(root, 'events/dt=2026-11-24/hour=07/a');
    const past = new Date(Date.now() - 60_000);
    for (const folder of ['events', 'events/dt=2026-11-24', 'events/dt=2026-11-24/hour=07'])
      utimesSync(path.join(root, folder), past, past);
    const listing = new FolderListing(root);
    expect(await listing.keys()).toHaveLength(1);
    for (const [key, count] of [
      ['hour=07/b', 2],
      ['hour=08/c', 3],
      ['hour=07/d', 4],
    ] as const) {
      write(root, `events/dt=2026-11-24/${key}`);
      expect(await listing.keys()).toHaveLength(count);
    }
  });

  it('are found though the clock of the file system is coarse: a folder that changed just now is read again', async () => {
    const root = temporaryFolder();
    write(root, 'fallback/a');
    const now = new Date();
    utimesSync(path.join(root, 'fallback'), now, now);
    const listing = new FolderListing(root);
    expect(await listing.keys()).toEqual(['fallback/a']);
    write(root, 'fallback/b');
    utimesSync(path.join(root, 'fallback'), now, now); // as if both had come within one tick
    expect(await listing.keys()).toEqual(['fallback/a', 'fallback/b']);
  });

  it('are read as a whole and in parts', async () => {
    const root = temporaryFolder();
    write(root, 'fallback/a', 'the object');
    const { open } = folderObjects(root);
    const object = (await open({ key: 'fallback/a', versionId: 'null' }))!;
    expect(object.size).toBe(10);
    expect((await buffer(object.chunks)).toString()).toBe('the object');
    expect(Buffer.from(await object.range(4, 10)).toString()).toBe('object');
    await expect(object.range(4, 11)).rejects.toThrow('not as long as it was');
    expect(await open({ key: 'fallback/none', versionId: 'null' })).toBeUndefined();
    expect(await open({ key: 'fallback/a', versionId: '1' })).toBeUndefined();
  });
});
