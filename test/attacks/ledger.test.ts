import { cp, readdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { noteVerifier } from '../../lib/ledger';
import { NO_PROGRESS } from '../../bin/verify/progress';
import { verifyLedger } from '../../bin/verify/ledger/ledger';
import { Report } from '../../bin/verify/report';
import { localStore } from '../../bin/verify/trail/local-store';
import { writeBytes } from '../support/sample-trail';
import { sealFolder } from '../support/seal-folder';
import { codesOf, later, verifyFolder } from '../verify/support';
import { copyOf, keysUnder, makeRealTrail, type RealTrail } from './real-trail';
import { bytesOf, otherSigner, overwrite, rebuildLedger, remove } from './tools';

let trail: RealTrail;
beforeAll(async () => void (trail = await makeRealTrail()), 120_000);
afterAll(() => trail.remove());

interface Look {
  /** Whether the verifier wrote the key down at the beginning. @default true */
  readonly pinned?: boolean;
  /** The checkpoint that it saved: number of the wave. @default none */
  readonly saved?: number;
}

/** Codes of what is found by the ledger alone. */
async function found(dir: string, { pinned = true, saved }: Look = {}): Promise<string[]> {
  const store = localStore(dir);
  const report = new Report();
  const key = noteVerifier(pinned ? trail.key : (await store.ownKey())!);
  const note = saved === undefined ? undefined : trail.checkpoints[saved];
  const parts = { store, key, report, sealLagMs: 120_000, now: later(), progress: NO_PROGRESS };
  await verifyLedger({ ...parts, ...(note && { saved: { note, file: 'saved' } }) });
  return codesOf(report);
}

/** Two objects that were sealed one after the other, so that every checkpoint before and after them stays possible. */
const twoConsecutive = () => trail.objects.slice(1, 3);

async function removeHistory(dir: string): Promise<void> {
  await remove(dir, 'ledger/versions', 'ledger/head', 'ledger/staging', 'ledger/index');
}

it('finds nothing in the ledger as the sealer made it', async () => {
  expect(await found(await copyOf(trail), { saved: 0 })).toEqual([]);
});

describe('two consecutive objects removed with their leaves, and the tree rebuilt', () => {
  it('by somebody with another key is SIGNATURE_MISSING for whoever wrote the key down', async () => {
    const dir = await copyOf(trail);
    await remove(dir, ...twoConsecutive());
    await rebuildLedger(dir, otherSigner(trail.key));
    expect(await found(dir)).toEqual(['SIGNATURE_MISSING']);
    expect(await found(dir, { saved: 1 })).toEqual(['FORKED', 'SIGNATURE_MISSING']);
  });

  it('by somebody who has the key is FORKED for whoever saved a checkpoint', async () => {
    const dir = await copyOf(trail);
    await remove(dir, ...twoConsecutive());
    await rebuildLedger(dir);
    expect(await found(dir)).toEqual([]);
    expect(await found(dir, { saved: 1 })).toEqual(['FORKED']);
    // And without one the chain tells.
    expect(codesOf(await verifyFolder(dir, { key: trail.key }))).toContain('CHAIN_GAP');
  });
});

describe('the tree rebuilt and signed with another key', () => {
  async function resigned(): Promise<string> {
    const dir = await copyOf(trail);
    const signer = otherSigner(trail.key);
    await rebuildLedger(dir, signer);
    await overwrite(dir, 'keys/ledger.vkey', signer.verifier.vkey);
    return dir;
  }

  it('is SIGNATURE_MISSING by the key that was written down', async () => {
    expect(await found(await resigned())).toEqual(['SIGNATURE_MISSING']);
  });

  it('is KEY_CHANGED by a checkpoint that was saved', async () => {
    expect(await found(await resigned(), { pinned: false, saved: 1 })).toContain('KEY_CHANGED');
  });

  it('shows to nobody who has neither, and who is told so', async () => {
    const { findings, notices } = await verifyFolder(await resigned());
    expect(findings).toEqual([]);
    expect(notices.map(({ code }) => code)).toEqual(['KEY_NOT_PINNED', 'NO_EARLIER_CHECKPOINT']);
  });
});

describe('an older checkpoint put back', () => {
  it('is ROLLED_BACK by the stored ones', async () => {
    const dir = await copyOf(trail);
    await overwrite(dir, 'ledger/checkpoint', trail.checkpoints[0]!);
    expect(await found(dir)).toContain('ROLLED_BACK');
  });

  it('is ROLLED_BACK by a saved one, where the stored ones were removed', async () => {
    const dir = await copyOf(trail);
    await removeHistory(dir);
    await overwrite(dir, 'ledger/checkpoint', trail.checkpoints[0]!);
    expect(await found(dir, { saved: 2 })).toEqual(['ROLLED_BACK', 'UNSEALED_OBJECT']);
  });

  it('with the tail of the objects cut off is ROLLED_BACK', async () => {
    const dir = await copyOf(trail);
    await removeHistory(dir);
    await overwrite(dir, 'ledger/checkpoint', trail.checkpoints[0]!);
    await remove(dir, ...trail.objects.slice(2));
    expect(await found(dir, { saved: 2 })).toContain('ROLLED_BACK');
  });

  it('is UNSEALED_OBJECT by the later objects alone', async () => {
    const dir = await copyOf(trail);
    await removeHistory(dir);
    await overwrite(dir, 'ledger/checkpoint', trail.checkpoints[0]!);
    expect(await found(dir)).toEqual(['UNSEALED_OBJECT']);
  });

  it('is none where the sealer died before it showed the last state', async () => {
    const dir = await copyOf(trail);
    const states = (await readdir(path.join(dir, 'ledger/versions/checkpoint'))).sort();
    await overwrite(dir, 'ledger/checkpoint', await bytesOf(dir, `ledger/versions/checkpoint/${states.at(-2)}`));
    expect(await found(dir, { saved: 2 })).toEqual([]);
  });
});

it('a fork shown to two verifiers is FORKED for each once it sees the checkpoint of the other', async () => {
  const [one, two] = [await copyOf(trail), await copyOf(trail)];
  await writeBytes(one, 'errors/one', 'one');
  await writeBytes(two, 'errors/two', 'two');
  await Promise.all([sealFolder(one), sealFolder(two)]);
  for (const [dir, other] of [
    [one, two],
    [two, one],
  ] as const) {
    // prettier-ignore
    expect(await found(dir, { saved: 2 })).toEqual([]);
    const shown = await bytesOf(other, 'ledger/checkpoint');
    const saved = { note: shown, file: 'the other’s' };
    expect(codesOf(await verifyFolder(dir, { key: trail.key, saved }))).toEqual(['FORKED']);
  }
});

describe('a file of the ledger', () => {
  it('removed is CHECKPOINT_MISSING, TILE_MISSING, ENTRIES_MISSING', async () => {
    for (const [file, codes] of [
      ['ledger/checkpoint', ['CHECKPOINT_MISSING', 'UNSEALED_OBJECT']],
      ['ledger/tile/0', ['TILE_MISSING']],
      ['ledger/tile/entries', ['ENTRIES_MISSING']],
    ] as const) {
      const dir = await copyOf(trail);
      await remove(dir, file);
      expect(await found(dir), file).toEqual(codes);
    }
  });

  it('altered does not hash to the signed root', async () => {
    const files = await keysUnder(trail.dir, 'ledger/tile/');
    const size = Number((await bytesOf(trail.dir, 'ledger/checkpoint')).toString().split('\n')[1]);
    const last = (kind: string) => files.find((file) => file === `ledger/tile/${kind}/000.p/${size}`)!;
    for (const [file, codes] of [
      [last('0'), ['ROOT_MISMATCH']],
      [last('entries'), ['ENTRIES_MISMATCH']],
    ] as const) {
      const dir = await copyOf(trail);
      const bytes = await bytesOf(dir, file);
      bytes[bytes.length - 3]! ^= 1;
      await overwrite(dir, file, bytes);
      expect(await found(dir), file).toEqual(codes);
    }
  });

  it('with a flipped entry is one finding; an object that no leaf can have is another', async () => {
    const dir = await copyOf(trail);
    const [bundle] = (await keysUnder(dir, 'ledger/tile/entries/')).slice(-1);
    const bytes = await bytesOf(dir, bundle!);
    bytes[bytes.length - 3]! ^= 1;
    await overwrite(dir, bundle!, bytes);
    const { findings, notChecked } = await verifyFolder(dir, { key: trail.key });
    expect(findings.map(({ code }) => code)).toEqual(['ENTRIES_MISMATCH']);
    expect(notChecked).toContainEqual(expect.stringMatching(/^\d+ objects by their leaves: /));
    await writeBytes(dir, 'errors/more', 'more');
    expect(await found(dir)).toEqual(['ENTRIES_MISMATCH', 'UNSEALED_OBJECT']);
  });

  it('checkpoint, altered, is SIGNATURE_INVALID or no checkpoint at all', async () => {
    const text = trail.checkpoints.at(-1)!.toString();
    const size = text.split('\n')[1]!;
    const dir = await copyOf(trail);
    await overwrite(dir, 'ledger/checkpoint', text.replace(`\n${size}\n`, `\n${Number(size) + 1}\n`));
    expect(await found(dir)).toContain('SIGNATURE_INVALID');
    await overwrite(dir, 'ledger/checkpoint', 'hello');
    expect(await found(dir)).toEqual(['NOTE_MALFORMED']);
  });

  it('of another log in its place is another one’s', async () => {
    const dir = await copyOf(trail);
    const other = await copyOf(trail);
    await remove(other, 'keys');
    await rebuildLedger(other);
    await remove(dir, 'ledger');
    await cp(path.join(other, 'ledger'), path.join(dir, 'ledger'), { recursive: true });
    expect(await found(dir)).toEqual(['SIGNATURE_MISSING']);
  });
});

describe('the whole ledger removed', () => {
  it('with the key is CHECKPOINT_MISSING for whoever saved a checkpoint', async () => {
    const dir = await copyOf(trail);
    await remove(dir, 'ledger', 'keys');
    const saved = { note: trail.checkpoints[0]!, file: 'saved' };
    expect(codesOf(await verifyFolder(dir, { saved }))).toEqual(['CHECKPOINT_MISSING']);
  });

  it('is UNSEALED_OBJECT where the key is known', async () => {
    const dir = await copyOf(trail);
    await remove(dir, 'ledger');
    expect(await found(dir)).toEqual(['UNSEALED_OBJECT']);
  });

  it('with the key, for whoever has neither, leaves a notice', async () => {
    const dir = await copyOf(trail);
    await remove(dir, 'ledger', 'keys');
    const { findings, notices } = await verifyFolder(dir);
    expect(findings).toEqual([]);
    expect(notices.map(({ code }) => code)).toEqual(['NO_LEDGER']);
  });
});

it('a leaf that leads out of the trail is read nowhere', async () => {
  const dir = await copyOf(trail);
  await writeFile(path.join(dir, 'outside'), 'secret');
  await sealFolder(dir, ['events/../outside']);
  expect(await found(dir)).toEqual(['OBJECT_MISSING']);
});
