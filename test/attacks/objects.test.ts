import { appendFile, chmod, cp, rename } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Verification } from '../../bin/verify/verify';
import { sealFolder } from '../support/seal-folder';
import { codesOf, verifyFolder } from '../verify/support';
import { copyOf, keysUnder, makeRealTrail, type RealTrail } from './real-trail';
import { addObject, bytesOf, eventsIn, forged, overwrite, rebuildLedger, remove, resealed, rewrite } from './tools';

/** Somebody who can write to the trail, and cannot sign; then, whose objects the sealer takes for genuine. */
let trail: RealTrail;
let dir: string;

beforeAll(async () => void (trail = await makeRealTrail()), 120_000);
afterAll(() => trail.remove());

/** As an honest verifier does who wrote the key down, and was here before the last wave. */
async function verified(): Promise<Verification> {
  const saved = { note: trail.checkpoints[1]!, file: 'saved' };
  return verifyFolder(dir, { key: trail.key, saved });
}

const at = (index: number) => trail.objects.at(index)!;

describe('the trail as the pipeline made it', () => {
  it('is intact', async () => {
    dir = await copyOf(trail);
    const { findings, totals, notices } = await verified();
    expect(findings).toEqual([]);
    expect(notices).toEqual([]);
    expect(totals).toMatchObject({ chains: 1, closed_chains: 1, requests: 12, events: 25, expired_objects: 0 });
    expect(totals.hashed_objects).toBe(totals.leaves);
    expect(totals.leaves).toBe(totals.objects);
  });
});

describe('an object that was sealed', () => {
  it('with one byte changed is OBJECT_CHANGED', async () => {
    dir = await copyOf(trail);
    const bytes = await bytesOf(dir, at(1));
    bytes[bytes.length >> 1]! ^= 1;
    await overwrite(dir, at(1), bytes);
    const { findings } = await verified();
    expect(findings.filter(({ object }) => object === at(1)).map(({ code }) => code)).toContain('OBJECT_CHANGED');
  });

  it('with a row edited is OBJECT_CHANGED, and the event FINGERPRINT_MISMATCH', async () => {
    dir = await copyOf(trail);
    await rewrite(dir, at(1), ([first, ...rest]) => [{ ...first!, status_code: '403' }, ...rest]);
    expect(codesOf(await verified())).toEqual(['FINGERPRINT_MISMATCH', 'OBJECT_CHANGED']);
  });

  it('with a row edited and its fingerprint made to fit is OBJECT_CHANGED, and the chain CHAIN_BROKEN', async () => {
    dir = await copyOf(trail);
    await rewrite(dir, at(1), ([first, ...rest]) => [resealed({ ...first!, status_code: '403' }), ...rest]);
    expect(codesOf(await verified())).toEqual(['CHAIN_BROKEN', 'OBJECT_CHANGED']);
  });

  it('that is gone is OBJECT_MISSING, and the chain has a CHAIN_GAP', async () => {
    dir = await copyOf(trail);
    await remove(dir, at(1));
    const { findings } = await verified();
    expect(codesOf({ findings })).toEqual(expect.arrayContaining(['CHAIN_GAP', 'OBJECT_MISSING']));
    expect(findings.find(({ code }) => code === 'OBJECT_MISSING')?.object).toBe(at(1));
  });

  it('with the content of another one is OBJECT_CHANGED', async () => {
    dir = await copyOf(trail);
    await overwrite(dir, at(1), await bytesOf(dir, at(0)));
    expect(codesOf(await verified())).toEqual(expect.arrayContaining(['CHAIN_GAP', 'OBJECT_CHANGED']));
  });

  it('with bytes behind its Parquet footer is OBJECT_CHANGED', async () => {
    dir = await copyOf(trail);
    await chmod(path.join(dir, at(1)), 0o644);
    await appendFile(path.join(dir, at(1)), 'hidden');
    expect(codesOf(await verified())).toContain('OBJECT_CHANGED');
  });

  it('in another hour is OBJECT_MISSING there, UNSEALED_OBJECT here, its events MISPLACED_EVENT, its requests UNAUDITED_REQUEST', async () => {
    dir = await copyOf(trail);
    const moved = `events/dt=2020-01-01/hour=00/${path.basename(at(1))}`;
    await cp(path.join(dir, at(1)), path.join(dir, moved));
    await remove(dir, at(1));
    expect(codesOf(await verified())).toEqual([
      'MISPLACED_EVENT',
      'OBJECT_MISSING',
      'UNAUDITED_REQUEST',
      'UNSEALED_OBJECT',
    ]);
  });

  it('of the edge log is guarded as well', async () => {
    dir = await copyOf(trail);
    const [edge] = await keysUnder(dir, 'edge/');
    await remove(dir, edge!);
    expect(codesOf(await verified())).toContain('OBJECT_MISSING');
  });
});

describe('an object put there by hand', () => {
  it('is UNSEALED_OBJECT, whatever it holds', async () => {
    dir = await copyOf(trail);
    await overwrite(dir, 'errors/note.txt', 'hello');
    const { findings } = await verified();
    expect(findings).toEqual([expect.objectContaining({ code: 'UNSEALED_OBJECT', object: 'errors/note.txt' })]);
  });

  it('and sealed, with a forged request in a new chain, is UNWITNESSED_EVENT', async () => {
    dir = await copyOf(trail);
    const key = await addObject(dir, 'forged', [forged((await eventsIn(dir, at(1)))[0]!)]);
    await sealFolder(dir);
    const { findings } = await verified();
    expect(findings).toEqual([expect.objectContaining({ code: 'UNWITNESSED_EVENT', object: key })]);
  });

  it('and sealed, with a request forged onto the end of a chain, is UNWITNESSED_EVENT', async () => {
    dir = await copyOf(trail);
    const last = (await eventsIn(dir, at(-1))).at(-1)!;
    const [like] = await eventsIn(dir, at(0));
    const { uid, sequence } = last.metadata;
    const next = forged({ ...like!, time: last.time });
    const [attestation] = next.attestation_list;
    const prev_event = { uid, type_uid: last.type_uid, fingerprint: last.attestation_list[0]!.fingerprint };
    const { chain_uid } = last.attestation_list[0]!;
    await addObject(dir, 'forged', [
      resealed({
        ...next,
        metadata: { ...next.metadata, sequence: sequence + 1 },
        attestation_list: [{ ...attestation!, chain_uid, prev_event }],
      }),
    ]);
    await sealFolder(dir);
    expect(codesOf(await verified())).toEqual(['UNWITNESSED_EVENT']);
  });

  it('and sealed, with an event forged for a request that the edge knows, is REQUEST_CONFLICT', async () => {
    dir = await copyOf(trail);
    const [event] = await eventsIn(dir, at(1));
    const { extended_request_id } = event!.unmapped;
    await addObject(dir, 'forged', [forged(event!, { extended_request_id: extended_request_id! })]);
    await sealFolder(dir);
    expect(codesOf(await verified())).toEqual(['REQUEST_CONFLICT']);
  });

  it('and sealed, with events that are there already, is no finding: delivery is at least once', async () => {
    dir = await copyOf(trail);
    await cp(path.join(dir, at(1)), path.join(dir, path.dirname(at(1)), 'again.parquet'));
    await sealFolder(dir);
    const { findings, totals } = await verified();
    expect(findings).toEqual([]);
    expect(totals.duplicates).toBe((await eventsIn(dir, at(1))).length);
  });

  it('and sealed, with an event repeated in another hour, is MISPLACED_EVENT', async () => {
    dir = await copyOf(trail);
    const key = 'events/dt=2020-01-01/hour=00/again.parquet';
    await overwrite(dir, key, await bytesOf(dir, at(1)));
    await sealFolder(dir);
    const { findings } = await verified();
    expect(codesOf({ findings })).toEqual(['MISPLACED_EVENT']);
    expect(findings[0]!.object).toBe(key);
  });

  it('and sealed, with another content for a known event, is UID_CONFLICT', async () => {
    dir = await copyOf(trail);
    const [event] = await eventsIn(dir, at(1));
    await addObject(dir, 'forged', [resealed({ ...event!, status_code: '403' })]);
    await sealFolder(dir);
    // Which of the two the chain's next event names is known; which is looked at first is not.
    expect(codesOf(await verified())).toContain('UID_CONFLICT');
  });
});

describe('events cut off before they were sealed', () => {
  /** The ledger never had it: nobody can tell by the ledger alone. */
  async function neverSealed(...objects: string[]): Promise<Verification> {
    dir = await copyOf(trail);
    await remove(dir, ...objects);
    await rebuildLedger(dir);
    return verifyFolder(dir, { key: trail.key });
  }

  it('at the start of a chain are CHAIN_START_MISSING', async () => {
    expect(codesOf(await neverSealed(at(0)))).toContain('CHAIN_START_MISSING');
  });

  it('in its middle are CHAIN_GAP', async () => {
    expect(codesOf(await neverSealed(at(1)))).toContain('CHAIN_GAP');
  });

  it('at its end are UNAUDITED_REQUEST by the edge log, and the chain is open', async () => {
    const ends = trail.objects.slice(-2);
    const { findings, notices } = await neverSealed(...ends);
    expect(codesOf({ findings })).toEqual(['UNAUDITED_REQUEST']);
    expect(notices.map(({ code }) => code)).toContain('OPEN_CHAIN');
  });

  it('with the edge log leave an open chain, which is a notice: see SECURITY.md', async () => {
    const ends = trail.objects.slice(-2);
    const { findings, notices } = await neverSealed(...ends, 'edge');
    expect(findings).toEqual([]);
    expect(notices.map(({ code }) => code)).toEqual(expect.arrayContaining(['OPEN_CHAIN', 'NO_EARLIER_CHECKPOINT']));
  });
});

it('a renamed object is OBJECT_MISSING and UNSEALED_OBJECT', async () => {
  dir = await copyOf(trail);
  await rename(path.join(dir, at(1)), path.join(dir, path.dirname(at(1)), 'renamed.parquet'));
  expect(codesOf(await verified())).toEqual(['OBJECT_MISSING', 'UNSEALED_OBJECT']);
});
