import { describe, expect, it } from 'vitest';
import { EMPTY_EDGE, appendEntries, encodeLeaf, openCheckpoint } from '../../../lib/ledger';
import type { ObjectVersion } from '../../../lib/ledger/seal';
import { MemorySealStore } from '../../support/memory-seal-store';
import { factsOf, inspector, named, provenLeaves, sealerOver, signer, versionsOf } from './support';

describe('sealing', () => {
  it('appends each version once, with what its object is', async () => {
    const store = new MemorySealStore();
    const versions = versionsOf(20);

    const report = await sealerOver(store.client()).seal(versions);

    const leaves = await provenLeaves(store);
    expect(named(leaves)).toEqual(named(versions));
    expect(leaves).toEqual(leaves.map(({ key, versionId }) => ({ key, versionId, ...factsOf({ key, versionId }) })));
    expect(leaves.some(({ events }) => events !== undefined)).toBe(true);
    expect(report.head.size).toBe(20);
    expect(named(report.sealed)).toEqual(named(versions));
  });

  it('writes exactly these files', async () => {
    const store = new MemorySealStore();
    const sealer = sealerOver(store.client());
    const versions = versionsOf(8); // three hours, and one without
    await sealer.seal(versions.slice(0, 7));
    await sealer.seal(versions);

    const hex = (count: number) => rootOf(versions, count).toString('hex');
    expect(store.written).toEqual([
      `staging/0/7-${hex(7)}`,
      'head',
      'tile/entries/000.p/7',
      'tile/0/000.p/7',
      'index/events/dt=2026-11-24/hour=00/0000000000000000',
      'index/events/dt=2026-11-24/hour=01/0000000000000000',
      'index/events/dt=2026-11-24/hour=02/0000000000000000',
      'index/by-hash/6703/0000000000000000', // printf %s payloads/0000006 | sha256sum
      'checkpoint',
      `staging/7/8-${hex(8)}`,
      'head',
      'tile/entries/000.p/8',
      'tile/0/000.p/8',
      'index/events/dt=2026-11-24/hour=01/0000000000000007',
      'checkpoint',
    ]);
  });

  it('drops what is sealed, be it told again, in another order, or with other notices', async () => {
    const store = new MemorySealStore();
    const versions = versionsOf(30);
    await sealerOver(store.client()).seal(versions.slice(0, 20));
    const again = [...versions.slice(10, 30), ...versions.slice(5, 25)].reverse();

    const report = await sealerOver(store.client()).seal(again);

    expect(report.known).toBe(15);
    expect(named(report.sealed)).toEqual(named(versions.slice(20)));
    expect(named(await provenLeaves(store))).toEqual(named(versions));
  });

  it('seals two versions of one key, and takes them for two', async () => {
    const store = new MemorySealStore();
    const key = 'events/dt=2026-11-24/hour=00/twice.parquet';
    const sealer = sealerOver(store.client());
    await sealer.seal([{ key, versionId: 'a' }]);
    await sealer.seal([{ key, versionId: 'b' }]);
    await sealer.seal([{ key, versionId: 'a' }, { key, versionId: 'b' }]); // prettier-ignore
    expect(await provenLeaves(store)).toHaveLength(2);
  });

  it('writes nothing where there is nothing new', async () => {
    const store = new MemorySealStore();
    const sealer = sealerOver(store.client());
    await sealer.seal([]);
    expect(store.written).toEqual([]);
    await sealer.seal(versionsOf(3));
    const { length } = store.written;
    expect((await sealer.seal(versionsOf(3))).head.size).toBe(3);
    expect(store.written).toHaveLength(length);
  });

  it('seals everything but the ledger, whatever its key is like', async () => {
    const store = new MemorySealStore();
    const keys = ['ledger/head', 'ledger/', 'ledgers', 'a//b', '../x', 'dt=2026-11-24/hour=00/x', 'é \n" \u2028', '/'];
    keys.push('x'.repeat(1024), `${'y/'.repeat(400)}dt=2026-11-24/hour=00/x`, 'by-hash/dt=2026-11-24/hour=00/x');
    await sealerOver(store.client()).seal(keys.map((key) => ({ key, versionId: 'null' })));

    const sealed = (await provenLeaves(store)).map(({ key }) => key);
    expect(sealed.sort()).toEqual(keys.slice(2).sort());
    const paths = [...store.files.keys()].filter((path) => path.startsWith('index/'));
    for (const path of paths) expect(path).toMatch(/^index\/([\w=-]+\/)+\d{16}$/);
  });

  it('takes a surge in several checkpoints', async () => {
    const store = new MemorySealStore();
    const report = await sealerOver(store.client(), { maxBatch: 10 }).seal(versionsOf(35));
    const sizes = store.history.get('checkpoint')!.map((bytes) => openCheckpoint(bytes, [signer.verifier]).size);
    expect(sizes).toEqual([10, 20, 30, 35]);
    expect(report.sealed).toHaveLength(35);
    expect(await provenLeaves(store)).toHaveLength(35);
  });

  it('reads an object once, however often the batch begins again', async () => {
    const store = new MemorySealStore();
    let failures = 3;
    const client = store.client({
      fault: ({ kind, path }) => (kind !== 'get' && path === 'head' && failures-- > 0 ? 'failed' : undefined),
    });
    const read: ObjectVersion[] = [];
    const counting = { inspect: async (version: ObjectVersion) => (read.push(version), factsOf(version)) };
    await sealerOver(client, { inspector: counting }).seal(versionsOf(5));
    expect(named(read)).toEqual(named(versionsOf(5)));
    expect(await provenLeaves(store)).toHaveLength(5);
  });
});

describe('objects that cannot be sealed as they should', () => {
  const [first, second, third] = versionsOf(3) as [ObjectVersion, ObjectVersion, ObjectVersion];

  it('holds up no other, and comes another time', async () => {
    const store = new MemorySealStore();
    let broken = true;
    const sealer = sealerOver(store.client(), {
      inspector: {
        inspect: async (version) => {
          if (broken && version === second) throw new Error('connection reset');
          return inspector.inspect(version);
        },
      },
    });
    const report = await sealer.seal([first, second, third]);
    expect(report.failed).toEqual([{ version: second, error: new Error('connection reset') }]);
    expect(named(report.sealed)).toEqual(named([first, third]));
    broken = false;
    expect((await sealer.seal([second])).failed).toEqual([]);
    expect(named(await provenLeaves(store))).toEqual(named([first, second, third]));
  });

  it('is told of where it is not there', async () => {
    const store = new MemorySealStore();
    const absent = { inspect: async (version: ObjectVersion) => (version === second ? undefined : factsOf(version)) };
    const report = await sealerOver(store.client(), { inspector: absent }).seal([first, second]);
    expect(report.missing).toEqual([second]);
    expect(named(await provenLeaves(store))).toEqual(named([first]));
  });

  it('is sealed without its events where these cannot be read', async () => {
    const store = new MemorySealStore();
    const facts = { size: 3, sha256: 'ab'.repeat(32), unreadable: 'not Parquet' };
    const report = await sealerOver(store.client(), { inspector: { inspect: async () => facts } }).seal([first]);
    expect(report.unreadable).toEqual([{ version: first, reason: 'not Parquet' }]);
    expect(await provenLeaves(store)).toEqual([{ ...first, size: 3, sha256: 'ab'.repeat(32) }]);
  });

  it('cannot be named in a leaf', async () => {
    const store = new MemorySealStore();
    const unnameable = { key: 'half \ud800 pair', versionId: 'null' };
    const report = await sealerOver(store.client()).seal([first, unnameable]);
    expect(report.failed.map(({ version }) => version)).toEqual([unnameable]);
    expect(named(await provenLeaves(store))).toEqual(named([first]));
  });
});

function rootOf(versions: readonly ObjectVersion[], count: number): Buffer {
  const sorted = (part: readonly ObjectVersion[]) => [...part].sort((a, b) => (a.key < b.key ? -1 : 1));
  const inOrder = [...sorted(versions.slice(0, 7)), ...sorted(versions.slice(7))].slice(0, count);
  return appendEntries(EMPTY_EDGE, inOrder.map((version) => encodeLeaf({ ...version, ...factsOf(version) }))).root; // prettier-ignore
}
