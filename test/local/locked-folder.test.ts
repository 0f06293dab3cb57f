import { chmodSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import fs from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { KeyConflictError, LockedFolder } from '../../bin/local/locked-folder';

let root: string;
beforeEach(() => {
  root = mkdtempSync(path.join(tmpdir(), 'locked-'));
});
afterEach(() => {
  vi.restoreAllMocks();
  rmSync(root, { recursive: true, force: true });
});

const KEY = 'events/dt=2026-11-24/hour=07/audit-events-1.parquet';
const bytes = Buffer.from('some bytes');

describe('the locked folder', () => {
  it('stores an object under its key, read-only', async () => {
    await (await LockedFolder.open(root)).put(KEY, bytes);
    expect(readFileSync(path.join(root, KEY))).toEqual(bytes);
    expect(statSync(path.join(root, KEY)).mode & 0o777).toBe(0o444);
    expect(readdirSync(path.join(root, '.staging'))).toEqual([]);
  });

  it('takes the same bytes again, and refuses others', async () => {
    const folder = await LockedFolder.open(root);
    await folder.put(KEY, bytes);
    await folder.put(KEY, Buffer.from(bytes));
    await expect(folder.put(KEY, Buffer.from('other bytes'))).rejects.toThrow(KeyConflictError);
    await expect(folder.put(KEY, Buffer.alloc(0))).rejects.toThrow(KeyConflictError);
    expect(readFileSync(path.join(root, KEY))).toEqual(bytes);
    expect(readdirSync(path.join(root, '.staging'))).toEqual([]);
  });

  it('lets one of several writers of a key win, whole', async () => {
    const folder = await LockedFolder.open(root);
    const contents = Array.from({ length: 20 }, (_, i) => Buffer.alloc(10_000, i));
    const results = await Promise.allSettled(contents.map((content) => folder.put(KEY, content)));
    expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    const winner = contents[results.findIndex(({ status }) => status === 'fulfilled')];
    expect(readFileSync(path.join(root, KEY))).toEqual(winner);
  });

  it('says whether a key was free, and keeps what it holds', async () => {
    const folder = await LockedFolder.open(root);
    expect(await folder.putNew(KEY, bytes)).toBe(true);
    expect(await folder.putNew(KEY, bytes)).toBe(false);
    expect(await folder.putNew(KEY, Buffer.from('other bytes'))).toBe(false);
    expect(readFileSync(path.join(root, KEY))).toEqual(bytes);
    expect(readdirSync(path.join(root, '.staging'))).toEqual([]);
  });

  it.each(['../x', '/etc/x', 'events/../../x', 'events//x', '.staging/x', 'events/.hidden', '', 'a\\b', 'a\0b', 'é'])(
    'refuses the key %j',
    async (key) => {
      const folder = await LockedFolder.open(root);
      await expect(folder.put(key, bytes)).rejects.toThrow('not a key of the trail');
    },
  );

  it('removes what a crash left half-written when it opens', async () => {
    mkdirSync(path.join(root, '.staging'));
    writeFileSync(path.join(root, '.staging', 'left-over'), 'half');
    await LockedFolder.open(root);
    expect(readdirSync(path.join(root, '.staging'))).toEqual([]);
  });

  it('leaves the half-written objects of another process alone where it stages elsewhere', async () => {
    mkdirSync(path.join(root, '.staging'));
    writeFileSync(path.join(root, '.staging', 'being-written'), 'half');
    const folder = await LockedFolder.open(root, '.other/staging');
    await folder.put(KEY, bytes);
    expect(readFileSync(path.join(root, KEY))).toEqual(bytes);
    expect(readdirSync(path.join(root, '.staging'))).toEqual(['being-written']);
    expect(readdirSync(path.join(root, '.other', 'staging'))).toEqual([]);
  });

  it('keeps what is there when it opens again', async () => {
    await (await LockedFolder.open(root)).put(KEY, bytes);
    const again = await LockedFolder.open(root);
    await again.put(KEY, bytes);
    await expect(again.put(KEY, Buffer.from('x'))).rejects.toThrow(KeyConflictError);
  });

  it('shows nothing where the write fails, and takes the object later', async () => {
    const folder = await LockedFolder.open(root);
    const full = Object.assign(new Error('ENOSPC: no space left on device'), { code: 'ENOSPC' });
    const open = vi.spyOn(fs, 'open').mockRejectedValueOnce(full);
    await expect(folder.put(KEY, bytes)).rejects.toThrow('ENOSPC');
    open.mockRestore();
    expect(readdirSync(root)).toEqual(['.staging']);
    await folder.put(KEY, bytes);
    expect(readFileSync(path.join(root, KEY))).toEqual(bytes);
  });

  it('takes the object again where the link failed but was made', async () => {
    const folder = await LockedFolder.open(root);
    const { link } = fs;
    vi.spyOn(fs, 'link').mockImplementationOnce(async (from, to) => {
      await link(from, to);
      throw Object.assign(new Error('EIO: i/o error'), { code: 'EIO' });
    });
    await expect(folder.put(KEY, bytes)).rejects.toThrow('EIO');
    await folder.put(KEY, bytes);
    expect(readFileSync(path.join(root, KEY))).toEqual(bytes);
    expect(readdirSync(path.join(root, '.staging'))).toEqual([]);
  });

  it('says at once that it cannot be written', async () => {
    writeFileSync(path.join(root, 'file'), '');
    await expect(LockedFolder.open(path.join(root, 'file'))).rejects.toThrow('ENOTDIR');
    if (process.getuid?.() === 0) return; // to root everything is writable
    chmodSync(root, 0o500);
    await expect(LockedFolder.open(root)).rejects.toThrow('EACCES');
  });
});
