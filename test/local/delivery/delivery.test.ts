import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { conversionHere } from '../../../bin/local/delivery/conversion';
import { BacklogError, Delivery, DELIVERY_DEFAULTS, type DeliveryParts } from '../../../bin/local/delivery/delivery';
import { WriteAheadLog } from '../../../bin/local/delivery/write-ahead-log';
import { LockedFolder, type ObjectStore } from '../../../bin/local/locked-folder';
import { event, keysIn, record, temporaryFolder, uidsIn, until } from './support';

/** A locked folder that fails as often as it is told to, before or after it stored. */
class FaultyStore implements ObjectStore {
  failures = 0;
  after = false;
  readonly keys: string[] = [];

  constructor(private readonly folder: ObjectStore) {}

  async put(key: string, bytes: Uint8Array): Promise<void> {
    this.keys.push(key);
    const failing = this.failures > 0;
    if (failing) this.failures -= 1;
    if (failing && !this.after) throw Object.assign(new Error('ENOSPC: no space left on device'), { code: 'ENOSPC' });
    await this.folder.put(key, bytes);
    if (failing) throw Object.assign(new Error('EIO: i/o error'), { code: 'EIO' });
  }
}

let data: string;
let store: FaultyStore;
let warnings: string[];
let open: Delivery[];
beforeEach(async () => {
  data = temporaryFolder();
  store = new FaultyStore(await LockedFolder.open(data));
  warnings = [];
  open = [];
});
afterEach(async () => {
  await Promise.all(open.map((delivery) => delivery.drain(0)));
});

async function start(options: Partial<typeof DELIVERY_DEFAULTS> = {}, parts: Partial<DeliveryParts> = {}) {
  const folder = path.join(data, 'wal');
  const { log, recovered } = await WriteAheadLog.open(folder);
  const all = { log, store, convert: conversionHere(folder), warn: (line: string) => warnings.push(line), ...parts };
  const delivery = new Delivery(all, { ...DELIVERY_DEFAULTS, bufferMs: 20, ...options }, recovered);
  delivery.start();
  open.push(delivery);
  return { delivery, log };
}

function logged(): string[] {
  return readdirSync(path.join(data, 'wal'));
}

describe('delivery', () => {
  it('brings records to the store after the buffer’s time, and then out of the log', async () => {
    const { delivery } = await start();
    await Promise.all(['a', 'b', 'c'].map((uid) => delivery.put(record(event(uid)))));
    await until(() => logged().length === 0, 2000);
    expect(await uidsIn(data)).toEqual(['a', 'b', 'c']);
    expect(keysIn(data, 'events')).toHaveLength(1);
  });

  it('does not wait for the time when the buffer is full', async () => {
    const { delivery } = await start({ bufferMs: 60_000, bufferBytes: 200 });
    await Promise.all(Array.from({ length: 10 }, (_, i) => delivery.put(record(event(`e${i}`)))));
    await until(async () => (await uidsIn(data)).length > 0, 2000);
    await delivery.drain(1000);
    expect(await uidsIn(data)).toHaveLength(10);
  });

  it.each([false, true])(
    'tries again when the store fails (although it stored: %s), and loses nothing',
    async (after) => {
      store.failures = 2;
      store.after = after;
      const { delivery } = await start();
      await delivery.put(record(event('a')));
      await until(() => logged().length === 0, 3000);
      expect(await uidsIn(data)).toEqual(['a']);
      expect(keysIn(data, 'events')).toHaveLength(1);
      expect(new Set(store.keys).size).toBe(1);
      expect(warnings).toHaveLength(2);
      expect(warnings[0]).toMatch(/^cannot deliver yet, \d+ bytes stay in the log: Error: E(NOSPC|IO)/);
    },
  );

  it('keeps what it could not deliver for the next start', async () => {
    store.failures = Infinity;
    const { delivery } = await start();
    await Promise.all(['a', 'b'].map((uid) => delivery.put(record(event(uid)))));
    expect(await delivery.drain(50)).toBe(false);
    expect(keysIn(data, 'events')).toEqual([]);

    store.failures = 0;
    const next = await start();
    expect(await next.delivery.drain(1000)).toBe(true);
    expect(await uidsIn(data)).toEqual(['a', 'b']);
    expect(logged()).toEqual([]);
  });

  it('delivers once, though the segment could not leave the log', async () => {
    const { log } = await WriteAheadLog.open(path.join(data, 'wal'));
    const dying = {
      append: log.append.bind(log),
      seal: log.seal.bind(log),
      remove: () => Promise.reject(new Error('EIO')),
    };
    const { delivery } = await start({}, { log: dying });
    await delivery.put(record(event('a')));
    expect(await delivery.drain(50)).toBe(false);
    expect(logged()).toHaveLength(1);

    const next = await start();
    expect(await next.delivery.drain(1000)).toBe(true);
    expect(await uidsIn(data)).toEqual(['a']);
    expect(store.keys).toHaveLength(2);
    expect(new Set(store.keys).size).toBe(1);
  });

  it('takes another name where a key holds other bytes, and leaves these alone', async () => {
    let conflicts = 1;
    const folder = store;
    const conflicting: ObjectStore = {
      put: async (key, bytes) => {
        if (conflicts-- > 0) await folder.put(key, Buffer.from('of another version'));
        await folder.put(key, bytes);
      },
    };
    const { delivery } = await start({}, { store: conflicting });
    await delivery.put(record(event('a')));
    expect(await delivery.drain(1000)).toBe(true);
    expect(new Set(store.keys).size).toBe(2);
    expect(readFileSync(path.join(data, store.keys[0]!), 'utf8')).toBe('of another version');
    expect(warnings).toEqual([expect.stringContaining('delivering under another name')]);
  });

  it('goes on after a conversion that failed', async () => {
    const convert = conversionHere(path.join(data, 'wal'));
    let failures = 1;
    const { delivery } = await start(
      {},
      { convert: (segment) => (failures-- > 0 ? Promise.reject(new Error('out of memory')) : convert(segment)) },
    );
    await delivery.put(record(event('a')));
    await until(async () => (await uidsIn(data)).length === 1, 2000);
    expect(warnings[0]).toContain('out of memory');
  });

  it('refuses records while too many wait, and takes them again after', async () => {
    store.failures = Infinity;
    const { delivery } = await start({ maxBacklogBytes: 500 });
    const results = await Promise.allSettled(
      Array.from({ length: 40 }, (_, i) => delivery.put(record(event(`e${i}`)))),
    );
    const taken = results.filter(({ status }) => status === 'fulfilled').length;
    expect(taken).toBeGreaterThan(0);
    expect(taken).toBeLessThan(40);
    expect((results.at(-1) as PromiseRejectedResult).reason).toBeInstanceOf(BacklogError);
    await until(() => warnings.length > 0, 2000);
    await expect(delivery.put(record(event('still too many')))).rejects.toThrow(BacklogError);

    store.failures = 0;
    await until(() => logged().length === 0, 5000);
    await delivery.put(record(event('after')));
    await delivery.drain(1000);
    expect(await uidsIn(data)).toHaveLength(taken + 1);
  });
});
