import fc from 'fast-check';
import fs from 'node:fs';
import path from 'node:path';
import { expect, it } from 'vitest';
import { FunctionLog, type LogFileSystem } from '../../../bin/local/runtime/function-log';
import { afterTest } from '../../support/after-test';
import { temporaryFolder } from '../start/start-fixture';

const CODES = ['ENOSPC', 'EDQUOT', 'EIO', 'EFBIG'];

/** Takes so many bytes in all, in pieces, and then fails; `room` can be changed. */
class SmallFile implements LogFileSystem {
  room = Infinity;
  code = 'ENOSPC';
  readonly fstatSync = fs.fstatSync;
  readonly readSync = fs.readSync;
  readonly ftruncateSync = fs.ftruncateSync;
  readonly writeSync = ((descriptor: number, bytes: Uint8Array, start?: number | null) => {
    const offset = start ?? 0;
    if (this.room <= 0) throw Object.assign(new Error(this.code), { code: this.code });
    const written = fs.writeSync(descriptor, bytes, offset, Math.min(bytes.length - offset, this.room, 7));
    this.room -= written;
    return written;
  }) as typeof fs.writeSync;
}

it('has each line whole or not at all, says which, and takes lines again when there is room', () => {
  const folder = temporaryFolder();
  const rounds = fc.array(
    fc.record({ line: fc.string({ maxLength: 40 }), room: fc.nat(60), code: fc.constantFrom(...CODES) }),
    { maxLength: 30 },
  );
  let count = 0;
  fc.assert(
    fc.property(rounds, (all) => {
      const file = path.join(folder, `log-${(count += 1)}`);
      const descriptor = fs.openSync(file, 'a+');
      const files = new SmallFile();
      const log = new FunctionLog(descriptor, files);
      const taken = all.filter(({ line, room, code }) => {
        Object.assign(files, { room, code });
        return log.write(`${JSON.stringify(line)}\n`);
      });
      fs.closeSync(descriptor);
      expect(fs.readFileSync(file, 'utf8')).toBe(taken.map(({ line }) => `${JSON.stringify(line)}\n`).join(''));
    }),
  );
});

it('begins a line of its own behind one that was cut', () => {
  const file = path.join(temporaryFolder(), 'log');
  fs.writeFileSync(file, '{"cut":');
  const descriptor = fs.openSync(file, 'a+');
  afterTest(() => fs.closeSync(descriptor));
  expect(new FunctionLog(descriptor).write('{"whole":1}\n')).toBe(true);
  expect(fs.readFileSync(file, 'utf8')).toBe('{"cut":\n{"whole":1}\n');
});

it('writes to a log that it cannot read', () => {
  const file = path.join(temporaryFolder(), 'log');
  fs.writeFileSync(file, 'before\n');
  const descriptor = fs.openSync(file, 'a');
  afterTest(() => fs.closeSync(descriptor));
  expect(new FunctionLog(descriptor).write('line\n')).toBe(true);
  expect(fs.readFileSync(file, 'utf8')).toBe('before\nline\n');
});

it('says that nothing was written where the log is closed', () => {
  const descriptor = fs.openSync(path.join(temporaryFolder(), 'log'), 'a+');
  fs.closeSync(descriptor);
  expect(new FunctionLog(descriptor).write('line\n')).toBe(false);
});
