import { beforeAll, describe, expect, it } from 'vitest';
import { fingerprintObject, fingerprintOf } from '../../../lib/event/fingerprint';
import type { AuditEvent } from '../../../lib/event/schema';
import { encodeLeaf, eventProof, eventsRoot, hashLeaf, parseTlogProof, signCheckpoint } from '../../../lib/ledger';
import { checkEvidence, formatEvidence, parseEvidence, type Evidence } from '../../../lib/ledger/evidence';
import { flipped } from '../support';
import { EvidenceWorld, ORIGIN, leafOf, newSigner, refusalOf, sealedEvents } from './support';

const signer = newSigner();
const key = signer.verifier;
const objects = [3, 1, 4, 2, 7].map((count, i) => sealedEvents(count, `chain-${i}`));

let world: EvidenceWorld;
/** Event 1 of 4 in object 2 of 5. */
let evidence: Evidence;

beforeAll(async () => {
  world = await EvidenceWorld.create(objects, signer);
  evidence = await world.evidence(2, 1);
});

const check = (changes: Partial<Evidence> = {}) => checkEvidence(formatEvidence({ ...evidence, ...changes }), key);

/** An event with a fingerprint that fits whatever it says. */
function resealed(event: AuditEvent): AuditEvent {
  const fingerprint = fingerprintObject(fingerprintOf(event));
  return { ...event, attestation_list: event.attestation_list.map((entry) => ({ ...entry, fingerprint })) };
}

describe('evidence for an event', () => {
  it('proves it, its object and its log, with nothing but the key', () => {
    const { fingerprint, uid, event } = objects[2]![1]!;
    const { root, size } = check().checkpoint;
    expect(check()).toEqual({
      sealed: { uid, fingerprint, event, line: expect.any(String) as string },
      eventIndex: 1,
      object: world.leaves[2],
      leafIndex: 2,
      checkpoint: { origin: ORIGIN, size: 5, root },
    });
    expect(size).toBe(5);
  });

  it('proves every event of every object, in ledgers and objects of many sizes', async () => {
    for (const leaves of [1, 2, 3, 8, 13]) {
      const events = Array.from({ length: leaves }, (_, i) => sealedEvents(1 + ((i * 5) % 9), `${leaves}-${i}`));
      const some = await EvidenceWorld.create(events, signer);
      for (const [object, those] of events.entries()) {
        for (const [index, { uid }] of those.entries()) {
          const proven = checkEvidence(formatEvidence(await some.evidence(object, index)), key);
          expect(proven).toMatchObject({ sealed: { uid }, eventIndex: index, leafIndex: object });
        }
      }
    }
  });

  it('holds with further signatures, which count for nothing', async () => {
    const [, witness] = String(await signCheckpoint({ origin: ORIGIN, size: 5, root: check().checkpoint.root }, [newSigner('witness')])).split('\n\n'); // prettier-ignore
    expect(check({ checkpoint: Buffer.concat([world.checkpoint, Buffer.from(witness!)]) }).leafIndex).toBe(2);
  });
});

describe('what an adversary makes of it is refused', () => {
  it('with any bit of the file altered', () => {
    const file = formatEvidence(evidence);
    const refusals = new Set<string>();
    for (let at = 0; at < file.length; at++) {
      for (const bit of [at % 5, 5]) refusals.add(refusalOf(() => checkEvidence(flipped(file, at, bit), key)));
    }
    expect(refusals).toContain('checkpoint SIGNATURE_INVALID');
    expect(refusals).toContain('ledger PROOF_INVALID');
  });

  it('with any bit altered of what is written in base64', () => {
    const file = String(formatEvidence(evidence));
    const extra = parseTlogProof(Buffer.from(file)).extra!;
    const refusals = new Set<string>();
    for (let at = 0; at < extra.length; at++) {
      const altered = flipped(extra, at, at % 7).toString('base64');
      const bytes = Buffer.from(file.replace(Buffer.from(extra).toString('base64'), altered));
      refusals.add(refusalOf(() => checkEvidence(bytes, key)));
    }
    for (const refusal of [
      'file EVIDENCE_MALFORMED',
      'file LEAF_MALFORMED',
      'event EVENT_MALFORMED',
      'object PROOF_INVALID',
      'ledger PROOF_INVALID',
    ]) {
      expect(refusals).toContain(refusal);
    }
  });

  it('with any byte left out, or put in', () => {
    const file = formatEvidence(evidence);
    for (let at = 0; at < file.length; at++) {
      refusalOf(() => checkEvidence(Buffer.concat([file.subarray(0, at), file.subarray(at + 1)]), key));
      refusalOf(() => checkEvidence(Buffer.concat([file.subarray(0, at), file.subarray(at, at + 1), file.subarray(at)]), key)); // prettier-ignore
    }
    refusalOf(() => checkEvidence(Buffer.concat([file, Buffer.from('\n')]), key));
  });

  it('with any value of the event changed, though the fingerprint was made to fit', () => {
    const values = leavesOf(evidence.event);
    expect(values.length).toBeGreaterThan(50);
    for (const path of values) {
      const event = changed(evidence.event, path) as AuditEvent;
      expect(
        refusalOf(() => check({ event })),
        path.join('.'),
      ).toBe('event EVENT_MALFORMED');
      if (path.includes('attestation_list') && path.includes('fingerprint')) continue;
      // A uid or a time that cannot be is refused before.
      expect(refusalOf(() => check({ event: resealed(event) })), path.join('.')).toMatch(/^(object PROOF_INVALID|event EVENT_MALFORMED)$/); // prettier-ignore
    }
  });

  it('with another event in its place', () => {
    for (const [object, events] of objects.entries()) {
      for (const [index, { event }] of events.entries()) {
        if (object === 2 && index === 1) continue;
        expect(refusalOf(() => check({ event }))).toBe('object PROOF_INVALID');
      }
    }
  });

  it('with another place in the object, or none that it has', () => {
    for (const eventIndex of [0, 2, 3]) expect(refusalOf(() => check({ eventIndex }))).toBe('object PROOF_INVALID');
    expect(refusalOf(() => check({ eventIndex: 4 }))).toBe('object OUT_OF_RANGE');
  });

  it('with the place and the proof of another event', async () => {
    const { eventIndex, eventProof: proof } = await world.evidence(2, 3);
    expect(refusalOf(() => check({ eventIndex, eventProof: proof }))).toBe('object PROOF_INVALID');
    expect(refusalOf(() => check({ eventProof: [] }))).toBe('object PROOF_MALFORMED');
    expect(refusalOf(() => check({ eventProof: [...proof, ...proof] }))).toBe('object PROOF_MALFORMED');
  });

  it('with the leaf of another object', async () => {
    const { leaf, leafIndex, leafProof } = await world.evidence(3, 0);
    expect(refusalOf(() => check({ leaf }))).toBe('object PROOF_MALFORMED');
    expect(refusalOf(() => check({ leaf, leafIndex, leafProof }))).toBe('object PROOF_MALFORMED');
    expect(refusalOf(() => check({ leaf: world.leaves[0]! }))).toBe('object PROOF_INVALID');
  });

  it('with a leaf that says anything else', () => {
    const { leaf } = evidence;
    for (const other of [
      { ...leaf, key: 'events/dt=2026-11-24/hour=08/2.parquet' },
      { ...leaf, versionId: 'another' },
      { ...leaf, size: leaf.size + 1 },
      { ...leaf, sha256: '0'.repeat(64) },
    ]) {
      expect(refusalOf(() => check({ leaf: other }))).toBe('ledger PROOF_INVALID');
    }
  });

  it('with a forged event, and an object and leaf made for it', () => {
    const [forged] = sealedEvents(1, 'forged');
    const events = eventsRoot([forged!.fingerprint]);
    const leaf = { ...evidence.leaf, events };
    const made = { event: forged!.event, eventIndex: 0, eventProof: eventProof([forged!.fingerprint], 0), leaf };
    expect(refusalOf(() => check(made))).toBe('ledger PROOF_INVALID');
  });

  it('with a leaf that tells of no events', () => {
    expect(refusalOf(() => check({ leaf: leafOf('2') }))).toBe('object EVENTS_UNKNOWN');
  });

  it('with another index in the ledger, or none that it has', () => {
    for (const leafIndex of [0, 1, 3]) expect(refusalOf(() => check({ leafIndex }))).toBe('ledger PROOF_INVALID');
    expect(refusalOf(() => check({ leafIndex: 4 }))).toBe('ledger PROOF_MALFORMED');
    expect(refusalOf(() => check({ leafIndex: 5 }))).toBe('ledger OUT_OF_RANGE');
  });

  it('with the proof of another object', async () => {
    const { leafIndex, leafProof } = await world.evidence(3, 0);
    expect(refusalOf(() => check({ leafProof }))).toBe('ledger PROOF_INVALID');
    expect(refusalOf(() => check({ leafIndex, leafProof }))).toBe('ledger PROOF_INVALID');
    expect(refusalOf(() => check({ leafProof: leafProof.slice(1) }))).toBe('ledger PROOF_MALFORMED');
    expect(refusalOf(() => check({ leafProof: [hashLeaf(encodeLeaf(evidence.leaf)), ...leafProof.slice(1)] }))).toBe('ledger PROOF_INVALID'); // prettier-ignore
  });

  it('with the checkpoint of another tree, signed by the same key', async () => {
    const other = await EvidenceWorld.create([...objects].reverse(), signer);
    expect(refusalOf(() => check({ checkpoint: other.checkpoint }))).toBe('ledger PROOF_INVALID');
    const smaller = await EvidenceWorld.create(objects.slice(0, 2), signer);
    expect(refusalOf(() => check({ checkpoint: smaller.checkpoint }))).toBe('ledger OUT_OF_RANGE');
  });

  it('with the checkpoint of another log, signed by the same key', async () => {
    const other = await EvidenceWorld.create(objects, signer, 'example.com/other');
    expect(refusalOf(() => check({ checkpoint: other.checkpoint }))).toBe('checkpoint ORIGIN_MISMATCH');
  });

  it('with another key', async () => {
    const mallory = newSigner();
    const forged = await EvidenceWorld.create(objects, mallory);
    expect(refusalOf(() => check({ checkpoint: forged.checkpoint }))).toBe('checkpoint SIGNATURE_MISSING');
    expect(refusalOf(() => checkEvidence(formatEvidence(evidence), mallory.verifier))).toBe(
      'checkpoint SIGNATURE_MISSING',
    );
    // A signature under our key's name and id, made by another key.
    const theirs = { ...mallory, verifier: { ...key, verify: () => true } };
    const renamed = await EvidenceWorld.create(objects, theirs);
    expect(refusalOf(() => check({ checkpoint: renamed.checkpoint }))).toBe('checkpoint SIGNATURE_INVALID');
  });

  it('with a root of its own under the signature', () => {
    const [origin, , ...rest] = String(world.checkpoint).split('\n');
    const checkpoint = Buffer.from([origin, '4', ...rest].join('\n'));
    expect(refusalOf(() => check({ checkpoint }))).toBe('checkpoint SIGNATURE_INVALID');
    expect(refusalOf(() => check({ checkpoint: Buffer.from('no note\n') }))).toBe('checkpoint NOTE_MALFORMED');
  });
});

it('parses to what was written', () => {
  const parsed = parseEvidence(formatEvidence(evidence));
  expect(formatEvidence(parsed)).toEqual(formatEvidence(evidence));
  expect(parsed).toMatchObject({ event: evidence.event, eventIndex: 1, leaf: evidence.leaf, leafIndex: 2 });
});

type Path = readonly (string | number)[];

/** Paths of all values that are not structs or lists. */
function leavesOf(value: unknown, at: Path = []): Path[] {
  if (typeof value !== 'object' || value === null) return [at];
  return Object.entries(value).flatMap(([name, part]) => leavesOf(part, [...at, name]));
}

function changed(value: unknown, [name, ...rest]: Path): unknown {
  if (name === undefined) return typeof value === 'number' ? value + 1 : typeof value === 'boolean' ? !value : `${String(value)}x`; // prettier-ignore
  const copy = (Array.isArray(value) ? [...(value as unknown[])] : { ...(value as object) }) as Record<string, unknown>;
  copy[name] = changed(copy[name], rest);
  return copy;
}
