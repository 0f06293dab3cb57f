import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { FolderInUseError, lockFolder } from '../../../bin/local/delivery/folder-lock';
import { temporaryFolder } from './support';

describe('the lock of a folder', () => {
  it('lets one in at a time', async () => {
    const folder = temporaryFolder();
    const unlock = await lockFolder(folder);
    await expect(lockFolder(folder)).rejects.toThrow(FolderInUseError);
    await unlock();
    await (
      await lockFolder(folder)
    )();
  });

  it('knows a folder by whatever path', async () => {
    const folder = temporaryFolder();
    const unlock = await lockFolder(folder);
    await expect(lockFolder(path.join(folder, '..', path.basename(folder)))).rejects.toThrow('in use');
    await unlock();
  });

  it('holds in folders whose path is too long for a socket', async () => {
    const folder = path.join(temporaryFolder(), 'long-'.repeat(30));
    mkdirSync(folder);
    const unlock = await lockFolder(folder);
    await expect(lockFolder(folder)).rejects.toThrow(FolderInUseError);
    await unlock();
    await (
      await lockFolder(folder)
    )();
  });

  it('ends with a process that is killed', async () => {
    const folder = temporaryFolder();
    const socket = path.join(folder, 'lock');
    const script = `require('net').createServer().listen(${JSON.stringify(socket)}, () => console.log('locked'))`;
    const holder = spawn(process.execPath, ['-e', script]);
    await once(holder.stdout, 'data');
    await expect(lockFolder(folder)).rejects.toThrow(FolderInUseError);
    holder.kill('SIGKILL');
    await once(holder, 'exit');
    expect(existsSync(socket)).toBe(true);
    await (
      await lockFolder(folder)
    )();
  });
});
