import { appendFileSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import fs from 'node:fs/promises';
import path from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { readSegment, WriteAheadLog, type LogFiles } from '../../../bin/local/delivery/write-ahead-log';
import { record, temporaryFolder } from './support';

type LogFile = Awaited<ReturnType<LogFiles['open']>>;

/** A disk of which one can say what fails, and count the syncs. */
class FaultyDisk implements LogFiles {
  syncs = 0;
  failing: (call: 'open' | 'writeFile' | 'datasync' | 'truncate') => Error | undefined = () => undefined;

  async open(file: string, flags: string): Promise<LogFile> {
    this.check('open');
    const handle = await fs.open(file, flags);
    return {
      writeFile: async (data) => {
        // What fails may have been written in part.
        if (this.failing('writeFile') !== undefined) await handle.write((data as Buffer).subarray(0, 5));
        this.check('writeFile');
        await handle.writeFile(data);
      },
      datasync: async () => {
        this.syncs += 1;
        this.check('datasync');
        await handle.datasync();
      },
      truncate: async (length) => {
        this.check('truncate');
        await handle.truncate(length);
      },
      close: () => handle.close(),
    };
  }

  private check(call: 'open' | 'writeFile' | 'datasync' | 'truncate'): void {
    const error = this.failing(call);
    if (error !== undefined) throw error;
  }
}

let folder: string;
let disk: FaultyDisk;
beforeEach(() => {
  folder = path.join(temporaryFolder(), 'wal');
  disk = new FaultyDisk();
});

async function open() {
  const torn: [string, number][] = [];
  const opened = await WriteAheadLog.open(folder, (segment, bytes) => torn.push([segment, bytes]), disk);
  return { ...opened, torn };
}

async function dataIn(segments: readonly { name: string }[]): Promise<string[]> {
  const read = await Promise.all(segments.map(({ name }) => readSegment(folder, name)));
  return read.flatMap(({ records }) => records.map(({ data }) => data.toString()));
}

describe('the write-ahead log', () => {
  it('has a record on disk when it acknowledges it', async () => {
    const { log } = await open();
    await log.append(record('one'));
    const [file] = readdirSync(folder);
    expect(await dataIn([{ name: path.basename(file!, '.wal') }])).toEqual(['one']);
  });

  it('lets records that come in together share a sync', async () => {
    const { log } = await open();
    await log.append(record('first'));
    const before = disk.syncs;
    await Promise.all(Array.from({ length: 200 }, (_, i) => log.append(record(`${i}`))));
    expect(disk.syncs - before).toBeLessThanOrEqual(2);
  });

  it('gives every record an id of its own that says where it lies', async () => {
    const { log } = await open();
    const ids = await Promise.all(['a', 'b', 'c'].map((data) => log.append(record(data))));
    const [segment] = await log.seal();
    expect(ids).toEqual([0, 1, 2].map((i) => `${segment!.name}-${i}`));
  });

  it('seals what was appended before, and nothing that comes after', async () => {
    const { log } = await open();
    const appended = log.append(record('before'));
    const sealed = await log.seal();
    await log.append(record('after'));
    await appended;
    expect(await dataIn(sealed)).toEqual(['before']);
    expect(await dataIn(await log.seal())).toEqual(['after']);
    expect(await log.seal()).toEqual([]);
  });

  it('finds again what was not removed, oldest first', async () => {
    const { log } = await open();
    await log.append(record('one'));
    const [first] = await log.seal();
    await log.append(record('two'));
    await log.seal();
    await log.append(record('three'));

    expect(await dataIn((await open()).recovered)).toEqual(['one', 'two', 'three']);
    await log.remove(first!.name);
    expect(await dataIn((await open()).recovered)).toEqual(['two', 'three']);
  });

  it('cuts a torn tail off, says so, and keeps the rest', async () => {
    const { log } = await open();
    await log.append(record('whole'));
    const [file] = readdirSync(folder);
    appendFileSync(path.join(folder, file!), Buffer.from([0, 0, 1, 0, 1, 2, 3]));

    const { recovered, torn } = await open();
    expect(torn).toEqual([[path.basename(file!, '.wal'), 7]]);
    expect(await dataIn(recovered)).toEqual(['whole']);
    expect(statSync(path.join(folder, file!)).size).toBe(recovered[0]!.bytes);
    expect((await open()).torn).toEqual([]);
  });

  it('drops a segment that never held a record', async () => {
    await open();
    writeFileSync(path.join(folder, '000-empty.wal'), 'APWAL-1\n');
    writeFileSync(path.join(folder, '001-torn.wal'), 'APW');
    expect((await open()).recovered).toEqual([]);
    expect(readdirSync(folder)).toEqual([]);
  });

  it('refuses to start over a file that it does not know', async () => {
    await open();
    writeFileSync(path.join(folder, 'x.wal'), 'something else');
    await expect(open()).rejects.toThrow('x.wal: not a write-ahead segment');
    expect(readdirSync(folder)).toEqual(['x.wal']);
  });

  it.each(['writeFile', 'datasync', 'open'] as const)(
    'does not acknowledge when %s fails, and keeps what it acknowledged before and after',
    async (failing) => {
      const { log } = await open();
      await log.append(record('before'));
      if (failing === 'open') await log.append(record('one that opens a segment')).then(() => log.seal());
      const full = Object.assign(new Error('ENOSPC: no space left on device'), { code: 'ENOSPC' });
      disk.failing = (call) => (call === failing ? full : undefined);
      const refused = ['lost', 'lost too'].map((data) => log.append(record(data)));
      expect((await Promise.allSettled(refused)).map(({ status }) => status)).toEqual(['rejected', 'rejected']);
      disk.failing = () => undefined;
      await log.append(record('after'));

      const kept = await dataIn((await open()).recovered);
      expect(kept.filter((data) => data === 'before' || data === 'after')).toEqual(['before', 'after']);
      expect(kept).not.toContain('lost');
    },
  );

  it('keeps what it acknowledged where not even the cut after a failed write works', async () => {
    const { log } = await open();
    await log.append(record('before'));
    disk.failing = (call) => (call === 'writeFile' || call === 'truncate' ? new Error('EIO') : undefined);
    await expect(log.append(record('lost'))).rejects.toThrow('EIO');
    disk.failing = () => undefined;
    await log.append(record('after'));
    expect(await dataIn(await log.seal())).toEqual(['before', 'after']);
  });
});
