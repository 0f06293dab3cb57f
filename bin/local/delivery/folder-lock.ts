import { createHash } from 'node:crypto';
import fs from 'node:fs/promises';
import net from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

/** Longest socket path that every system takes (104 bytes on macOS, 108 on Linux). */
const MAX_SOCKET_PATH = 100;

/**
 * A process whose parent was killed first delivers what it took, and then ends by itself: whoever starts again at once
 * need not be told to wait.
 */
const PATIENCE_MS = 2_000;
const LOOK_AGAIN_MS = 100;

/** The folder is in use by another process. */
export class FolderInUseError extends Error {
  override readonly name = 'FolderInUseError';
}

/**
 * Makes sure that one process only works in a folder. The lock is a listening socket, so that it ends with the
 * process however that dies; a file with a process id would outlive a SIGKILL.
 *
 * @returns a function that gives the lock back.
 * @throws FolderInUseError
 */
export async function lockFolder(folder: string): Promise<() => Promise<void>> {
  const server = net.createServer((connection) => connection.destroy());
  const [first, ...others] = await socketPaths(folder);
  await occupy(server, first, folder).catch(async (error: unknown) => {
    if (error instanceof FolderInUseError || others[0] === undefined) throw error;
    await occupy(server, others[0], folder);
  });
  server.unref();
  return () => new Promise((resolve) => server.close(() => resolve()));
}

async function occupy(server: net.Server, socket: string, folder: string): Promise<void> {
  try {
    await listen(server, socket);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EADDRINUSE') throw error;
    if (await answersFor(socket, PATIENCE_MS)) throw new FolderInUseError(`${folder} is in use by another process`);
    // Left behind by a process that was killed.
    await fs.rm(socket, { force: true });
    await listen(server, socket);
  }
}

/** In the folder; where its file system has no sockets, or its path is too long for one, among the temporary files. */
async function socketPaths(folder: string): Promise<[string, ...string[]]> {
  const real = await fs.realpath(folder);
  const name = `audit-proxy-${createHash('sha256').update(real).digest('hex').slice(0, 24)}`;
  if (process.platform === 'win32') return [`\\\\.\\pipe\\${name}`];
  const inside = path.join(real, 'lock');
  const outside = path.join(os.tmpdir(), name);
  return Buffer.byteLength(inside) <= MAX_SOCKET_PATH ? [inside, outside] : [outside];
}

function listen(server: net.Server, socket: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(socket, () => {
      server.off('error', reject);
      resolve();
    });
  });
}

/** Whether somebody still answers when so many milliseconds have passed. */
async function answersFor(socket: string, milliseconds: number): Promise<boolean> {
  for (let passed = 0; passed < milliseconds; passed += LOOK_AGAIN_MS) {
    if (!(await answers(socket))) return false;
    await sleep(LOOK_AGAIN_MS);
  }
  return true;
}

function answers(socket: string): Promise<boolean> {
  return new Promise((resolve) => {
    const connection = net.connect(socket);
    connection.once('connect', () => {
      connection.destroy();
      resolve(true);
    });
    connection.once('error', () => resolve(false));
  });
}
