/**
 * Preloaded (`node --import`) into the processes of a pipeline: has calls of the file system fail, by name and path, as the
 * file AUDIT_PROXY_TEST_FAULTS says while it is there: `{"code": "ENOSPC", "calls": ["sync"], "under": ["/wal/"]}`.
 */
import fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import { constants } from 'node:os';

const control = process.env.AUDIT_PROXY_TEST_FAULTS;
const readFileSync = fs.readFileSync;
const paths = new Map();

function errorFor(call, path) {
  let fault;
  try {
    fault = JSON.parse(readFileSync(control, 'utf8'));
  } catch {
    return undefined;
  }
  const isMeant = fault.calls.includes(call) && fault.under.some((part) => `${path}`.includes(part));
  if (!isMeant) return undefined;
  const { code } = fault;
  return Object.assign(new Error(`${code}: injected, ${call} '${path}'`), {
    ...{ code, errno: -constants.errno[code], syscall: call, path },
  });
}

const isWriting = (flags) => (typeof flags === 'string' ? /[wa+]/.test(flags) : ((flags ?? 0) & 3) !== 0);

/** @param which argument is the path that counts */
function patch(target, name, call, which = 0) {
  const original = target[name];
  target[name] = (...args) => {
    const error = errorFor(call, args[which]);
    if (error === undefined) return original.apply(target, args);
    if (target === fs) throw error;
    return Promise.reject(error);
  };
}

function patchHandle(handle, path) {
  for (const [name, call] of [
    ['writeFile', 'write'],
    ['write', 'write'],
    ['sync', 'sync'],
    ['datasync', 'sync'],
  ]) {
    const original = handle[name].bind(handle);
    handle[name] = async (...args) => {
      const error = errorFor(call, path);
      if (error !== undefined) throw error;
      return original(...args);
    };
  }
  return handle;
}

const open = fs.promises.open;
fs.promises.open = async (path, flags, mode) => {
  const error = isWriting(flags) ? errorFor('open', path) : undefined;
  if (error !== undefined) throw error;
  return patchHandle(await open(path, flags, mode), path);
};
patch(fs.promises, 'link', 'link', 1);
patch(fs.promises, 'rename', 'rename', 1);
patch(fs.promises, 'mkdir', 'mkdir');
patch(fs.promises, 'unlink', 'unlink');
patch(fs.promises, 'rm', 'unlink');

const openSync = fs.openSync;
fs.openSync = (path, flags, mode) => {
  const error = isWriting(flags) ? errorFor('open', path) : undefined;
  if (error !== undefined) throw error;
  const descriptor = openSync(path, flags, mode);
  paths.set(descriptor, path);
  return descriptor;
};
const writeSync = fs.writeSync;
fs.writeSync = (descriptor, ...args) => {
  const error = paths.has(descriptor) ? errorFor('write', paths.get(descriptor)) : undefined;
  if (error !== undefined) throw error;
  return writeSync(descriptor, ...args);
};
patch(fs, 'writeFileSync', 'write');
patch(fs, 'renameSync', 'rename', 1);
syncBuiltinESMExports();
