import { readFile, readdir, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { withTrail } from '../../bin/commands/local-trail';
import { EvidenceUnavailable } from '../../bin/evidence/error';
import { findNamed } from '../../bin/evidence/find-event';
import { localSource } from '../../bin/evidence/local-source';
import { proveEvent } from '../../bin/evidence/prove';
import { Chain } from '../../lib/event/chain';
import { fingerprintObject, fingerprintOf } from '../../lib/event/fingerprint';
import { LedgerError, type NoteVerifier } from '../../lib/ledger';
import { checkEvidence } from '../../lib/ledger/evidence';
import { newSigner } from '../ledger/evidence/support';
import { sealRequest } from '../support/sample-events';
import { writeBytes, writeObject } from '../support/sample-trail';
import { LOG, SealedTrail, at, requestWithId } from './support';

let trail: SealedTrail;

beforeEach(async () => {
  trail = await SealedTrail.create();
});

const prove = async (name: string, key?: NoteVerifier) => {
  const found = await withTrail({ local: trail.dir }, (opened) =>
    findNamed(opened, [name], { width: undefined, color: false }),
  );
  const events = found.get(name)!;
  if (events instanceof EvidenceUnavailable) throw events;
  expect(events).toHaveLength(1);
  return proveEvent(events[0]!, { source: localSource(trail.dir), key });
};

/** What the evidence for an event proves. */
async function proven(name: string, key?: NoteVerifier) {
  const { evidence } = await prove(name, key);
  return checkEvidence(evidence, trail.signer.verifier);
}

async function refusal(name: string, key?: NoteVerifier): Promise<string> {
  const error: unknown = await prove(name, key).catch((thrown: unknown) => thrown);
  if (error instanceof EvidenceUnavailable || error instanceof LedgerError) return error.message;
  return expect.fail(`there was no refusal, but ${String(error)}`);
}

describe('evidence from a trail', () => {
  it('holds for the key, for events in every kind of object', async () => {
    const { keys, first, second, fallback, signer } = trail;
    const cases = [
      [keys.first, first, 300],
      [keys.second, second, 301],
      [keys.fallback, fallback, 302],
    ] as const;
    for (const [key, events, leafIndex] of cases) {
      for (const eventIndex of [0, events.length - 1]) {
        const { uid, fingerprint, event } = events[eventIndex]!;
        expect(await proven(uid, signer.verifier)).toMatchObject({
          sealed: { uid, fingerprint, event },
          eventIndex,
          leafIndex,
          object: { key, events: { count: events.length } },
          checkpoint: { origin: LOG, size: 306 },
        });
      }
    }
  });

  it('needs no index of the sealer', async () => {
    await rm(path.join(trail.dir, 'ledger/index'), { recursive: true });
    expect(await proven(trail.second[0]!.uid)).toMatchObject({ leafIndex: 301 });
  });

  it('does not believe the index', async () => {
    const folder = path.join(trail.dir, 'ledger/index/events/dt=2026-11-24/hour=08');
    const [file] = await readdir(folder);
    const index = await readFile(path.join(folder, file!), 'utf8');
    for (const lie of [index.replace('"leaf":301', '"leaf":7'), index.replace('"leaf":301', '"leaf":306'), 'nonsense\n']) {
      expect(lie).not.toBe(index);
      await writeFile(path.join(folder, file!), lie);
      expect(await proven(trail.second[0]!.uid)).toMatchObject({ leafIndex: 301 });
    } // prettier-ignore
  });

  it('is not kept from being given by another object that is damaged', async () => {
    await writeBytes(trail.dir, 'events/dt=2026-11-24/hour=07/damaged.parquet', 'not Parquet');
    expect((await proven(trail.first[0]!.uid)).object.key).toBe(trail.keys.first);
  });

  it('is taken from the object that is sealed, where the event was delivered twice', async () => {
    await trail.write('again', trail.second);
    expect((await proven(trail.second[0]!.uid)).object.key).toBe(trail.keys.second);
  });
});

describe('an event', () => {
  it('can be named by its fingerprint, and by the id of a request that has no other', async () => {
    expect((await proven(trail.first[3]!.fingerprint)).sealed.uid).toBe(trail.first[3]!.uid);
    const [, outcome] = sealRequest(new Chain('refused'), { time: at(11) });
    await trail.sealer.seal({ [await trail.write('refused', [outcome])]: [outcome] });
    expect((await proven(outcome.event.api!.request!.uid)).sealed.uid).toBe(outcome.uid);
  });

  it('is found by its uid, whatever ids callers gave to their requests', async () => {
    const both = requestWithId(trail.first[1]!.uid);
    await trail.sealer.seal({ [await trail.write('both', both)]: both });
    expect((await proven(trail.first[1]!.uid)).sealed.uid).toBe(trail.first[1]!.uid);
  });

  it('must be named by its fingerprint where two have one uid', async () => {
    const { event, uid } = trail.first[1]!;
    const forged = { ...event, message: 'forged', time: Number.MAX_SAFE_INTEGER };
    const fingerprint = fingerprintObject(fingerprintOf(forged));
    const refit = { ...forged, attestation_list: [{ ...event.attestation_list[0]!, fingerprint }] };
    await writeObject(trail.dir, 'forged', [refit], { dt: '2026-11-24', hour: '07' });
    const said = await refusal(uid);
    expect(said).toContain('they have one uid and different content, so that at least one is forged (UID_CONFLICT)');
    expect(said).toContain(fingerprint.value);
    expect((await proven(trail.first[1]!.fingerprint)).sealed.event.message).toBeUndefined();
    expect(await refusal(fingerprint.value)).toMatch(/first\.parquet holds another event with this uid/);
  });
});

describe('no evidence is given', () => {
  it('for an event that is not sealed yet', async () => {
    const { unsealed, keys, sealer } = trail;
    const said = await refusal(unsealed[0]!.uid);
    expect(said).toContain(`the event ${unsealed[0]!.uid} is not sealed yet: it is in ${keys.unsealed}`);
    expect(said).toContain('the ledger has 306 leaves, and none of it. Objects are sealed about a minute after');
    await sealer.seal({ [keys.unsealed]: unsealed });
    expect(await proven(unsealed[0]!.uid)).toMatchObject({ leafIndex: 306 });
  });

  it('where there is no ledger', async () => {
    await rm(path.join(trail.dir, 'ledger'), { recursive: true });
    expect(await refusal(trail.first[0]!.uid)).toContain('the trail has no ledger yet. Objects are sealed about');
  });

  it('from an object that was changed after it was sealed', async () => {
    await trail.write('first', [...trail.first].reverse());
    expect(await refusal(trail.first[0]!.uid)).toContain(`${trail.keys.first} is not the object that was sealed`);
  });

  it('from an object that was sealed with other events', async () => {
    await trail.sealer.seal({ [trail.keys.unsealed]: [...trail.unsealed].reverse() });
    expect(await refusal(trail.unsealed[0]!.uid)).toContain('was sealed with other events than it holds');
  });

  it('from an object whose events the sealer could not read', async () => {
    await trail.sealer.seal({ [trail.keys.unsealed]: undefined });
    expect(await refusal(trail.unsealed[0]!.uid)).toContain('was sealed without its events');
  });

  it('for an event that its writer did not seal', async () => {
    const [attempt, outcome] = sealRequest(new Chain('x'), { time: at(11) });
    const key = await writeObject(trail.dir, 'edited', [attempt.event, { ...outcome.event, status_code: '500' }]);
    await trail.sealer.seal({ [key]: [attempt, outcome] });
    expect(await refusal(outcome.uid)).toContain('is not an event as its writer sealed it: its fingerprint');
    expect((await proven(attempt.uid)).object.key).toBe(key);
  });

  it('from a ledger that is signed by another key', async () => {
    const other = newSigner(LOG).verifier;
    expect(await refusal(trail.first[0]!.uid, other)).toContain('no known key signed the note');
  });

  it('from a ledger that is damaged', async () => {
    const tile = path.join(trail.dir, 'ledger/tile/0/001.p/50');
    const bytes = await readFile(tile);
    bytes[5]! ^= 1;
    await writeFile(tile, bytes);
    expect(await refusal(trail.first[0]!.uid)).toContain('do not hash to its root');
  });
});
