import { beforeEach, describe, expect, it } from 'vitest';
import { LedgerError, localSigner, signCheckpoint } from '../../../lib/ledger';
import { MemorySealStore } from '../../support/memory-seal-store';
import { privateKeyOf } from '../support';
import { codeOf, provenLeaves, sealerOver, signer, versionsOf } from './support';

let store: MemorySealStore;
const next = () => sealerOver(store.client()).seal(versionsOf(12));

beforeEach(async () => {
  store = new MemorySealStore();
  const sealer = sealerOver(store.client());
  await sealer.seal(versionsOf(5));
  await sealer.seal(versionsOf(9));
});

/** A batch that won, and whose sealer died before it published anything. */
async function interrupted(): Promise<string> {
  const dying = store.client({ fault: ({ kind, path }) => (kind !== 'get' && path === 'head' ? 'crash after' : undefined) }); // prettier-ignore
  await expect(sealerOver(dying).seal(versionsOf(12))).rejects.toThrow('crash');
  return [...store.files.keys()].find((path) => path.startsWith('staging/9/'))!;
}

const text = (path: string) => Buffer.from(store.files.get(path)!.bytes).toString();

describe('sealing stops, and signs nothing, where', () => {
  const checkpoints = () => store.history.get('checkpoint')!.length;

  for (const path of [
    'tile/entries/000.p/12',
    'tile/0/000.p/12',
    'index/events/dt=2026-11-24/hour=01/0000000000000009',
  ]) {
    it(`${path} is there already with other bytes`, async () => {
      store.overwrite(path, Buffer.from('something else'));
      const before = checkpoints();
      // The index is read first, and says so itself.
      expect(await codeOf(next())).toBe(path.startsWith('index/') ? 'INDEX_MALFORMED' : 'UNEQUAL_BYTES');
      expect(checkpoints()).toBe(before);
    });
  }

  it('an index file has become another one between a crash and its publication', async () => {
    await interrupted();
    const line = '{"key":"events/dt=2026-11-24/hour=01/other.parquet","leaf":9,"version_id":"v0"}\n';
    store.overwrite('index/events/dt=2026-11-24/hour=01/0000000000000009', Buffer.from(line));
    expect(await codeOf(next())).toBe('UNEQUAL_BYTES');
  });

  it('head is gone, or an older one', async () => {
    const [older] = store.history.get('head')!;
    store.overwrite('head', undefined);
    expect(await codeOf(next())).toBe('HEAD_ROLLED_BACK');
    store.overwrite('head', older);
    expect(await codeOf(next())).toBe('HEAD_ROLLED_BACK');
  });

  it('head and checkpoint are both gone, and something else of the ledger is left or was', async () => {
    store.overwrite('head', undefined);
    store.overwrite('checkpoint', undefined);
    expect(await codeOf(next())).toBe('LEDGER_GONE');
    for (const path of [...store.files.keys()]) store.overwrite(path, undefined);
    expect(await codeOf(next())).toBe('LEDGER_GONE');
    expect(store.history.get('head')).toHaveLength(2);
  });

  it('it has fewer leaves than it is known to have, be it none', async () => {
    const sealing = (over: MemorySealStore) => sealerOver(over.client(), { minTreeSize: 10 }).seal(versionsOf(12));
    expect(await codeOf(sealing(store))).toBe('LEDGER_GONE');
    expect(await codeOf(sealing(new MemorySealStore()))).toBe('LEDGER_GONE');
    await next();
    await sealing(store);
  });

  it('head is none', async () => {
    const head = text('head');
    for (const bad of ['', '{}', `${head} `, head.replace('"v":1', '"v":2'), head.replace('"from":5', '"from":9')]) {
      store.overwrite('head', Buffer.from(bad));
      expect(await codeOf(next()), bad).toBe('HEAD_MALFORMED');
    }
  });

  it('head has another root than the checkpoint', async () => {
    store.overwrite('head', Buffer.from(text('head').replace(/"root":"../, '"root":"00')));
    expect(await codeOf(next())).toBe('FORKED');
  });

  it('the checkpoint is an older one, and head goes on from a newer', async () => {
    const [older] = store.history.get('checkpoint')!;
    await interrupted();
    store.overwrite('checkpoint', older);
    expect(await codeOf(next())).toBe('FORKED');
  });

  it('the checkpoint is signed by another key', async () => {
    const other = localSigner('example.com/trail', privateKeyOf('B'.repeat(43) + '='));
    const forged = await signCheckpoint({ origin: 'example.com/trail', size: 9, root: Buffer.alloc(32) }, [other]);
    store.overwrite('checkpoint', forged);
    await expect(next()).rejects.toMatchObject({ code: 'SIGNATURE_MISSING' });
  });

  it('what is staged is gone, changed, or cut short', async () => {
    const path = await interrupted();
    const staged = text(path);
    store.overwrite(path, undefined);
    expect(await codeOf(next())).toBe('STAGING_MISSING');
    const lines = staged.split('\n');
    const bad = ['', 'x', lines.slice(0, -2).join('\n') + '\n', staged.replace('"size":9', '"size":5'), staged.replace(/"sha256":"../, '"sha256":"00')]; // prettier-ignore
    for (const bytes of bad) {
      store.overwrite(path, Buffer.from(bytes));
      expect(await codeOf(next()), bytes.slice(0, 80)).toBe('STAGING_MISMATCH');
    }
    store.overwrite(path, Buffer.from(staged));
    await next();
    expect(await provenLeaves(store)).toHaveLength(12);
  });

  it('the tiles that it would go on from are gone or changed', async () => {
    store.overwrite('tile/0/000.p/9', Buffer.alloc(9 * 32));
    await expect(next()).rejects.toBeInstanceOf(LedgerError);
    store.overwrite('tile/0/000.p/9', undefined);
    await expect(next()).rejects.toMatchObject({ code: 'TILE_MISSING' });
  });

  it('the signer gives something else', async () => {
    const wrong = { verifier: signer.verifier, sign: async () => new Uint8Array(64) };
    const before = checkpoints();
    const sealing = sealerOver(store.client(), { signer: wrong }).seal(versionsOf(12));
    await expect(sealing).rejects.toMatchObject({ code: 'SIGNER_MISMATCH' });
    expect(checkpoints()).toBe(before);
  });
});

it('goes on when the signer works again', async () => {
  let failures = 100;
  const moody = {
    verifier: signer.verifier,
    sign: async (message: Uint8Array) => {
      if (failures-- > 0) throw new Error('KMS is throttled');
      return signer.sign(message);
    },
  };
  const sealing = () => sealerOver(store.client(), { signer: moody }).seal(versionsOf(12));
  await expect(sealing()).rejects.toThrow('KMS is throttled');
  failures = 2;
  await sealing();
  expect(await provenLeaves(store)).toHaveLength(12);
});
