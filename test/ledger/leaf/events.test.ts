import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { EMPTY_ROOT, EventsHasher, eventProof, eventsRoot, verifyEvent } from '../../../lib/ledger';
import { NaiveTree, codeOf, flipped } from '../support';

const fingerprints = Array.from({ length: 300 }, (_, i) => createHash('sha256').update(`event ${i}`).digest('hex'));
const naive = new NaiveTree(fingerprints.map((fingerprint) => Buffer.from(fingerprint, 'hex')));

describe('the root over the events of an object', () => {
  it('is the tree over the bytes of their fingerprints, in file order', () => {
    const hasher = new EventsHasher();
    expect(hasher.result()).toEqual({ count: 0, root: EMPTY_ROOT.toString('hex') });
    for (const fingerprint of fingerprints) hasher.add(fingerprint);
    expect(hasher.result()).toEqual({ count: 300, root: naive.root(300).toString('hex') });
    expect(eventsRoot(fingerprints)).toEqual(hasher.result());
    expect(eventsRoot([...fingerprints].reverse()).root).not.toBe(hasher.result().root);
  });

  it.each(['', 'ab', fingerprints[0]!.toUpperCase(), `${fingerprints[0]}00`, 'zz'.repeat(32)])(
    'takes no fingerprint like %j',
    async (bad) => {
      expect(await codeOf(() => eventsRoot([bad]))).toBe('LEAF_MALFORMED');
      expect(await codeOf(() => verifyEvent(bad, 0, eventsRoot(fingerprints), []))).toBe('LEAF_MALFORMED');
    },
  );
});

describe('the proof of one event in its object', () => {
  const events = eventsRoot(fingerprints);

  it.each([0, 1, 255, 256, 299])('holds for event %i, and for none other', async (index) => {
    const proof = eventProof(fingerprints, index);
    expect(proof).toEqual(naive.path(index, 0, 300));
    verifyEvent(fingerprints[index]!, index, events, proof);
    const other = fingerprints[(index + 1) % 300]!;
    expect(await codeOf(() => verifyEvent(other, index, events, proof))).toBe('PROOF_INVALID');
    const fewer = { ...events, count: 150 };
    expect(['OUT_OF_RANGE', 'PROOF_MALFORMED']).toContain(
      await codeOf(() => verifyEvent(fingerprints[index]!, index, fewer, proof)),
    );
  });

  it('is refused with any byte altered', async () => {
    const proof = eventProof(fingerprints, 77);
    const codes = new Set<string>();
    for (let i = 0; i < proof.length; i++) {
      for (let at = 0; at < 32; at++) {
        const altered = proof.map((hash, j) => (i === j ? flipped(hash, at) : hash));
        codes.add(await codeOf(() => verifyEvent(fingerprints[77]!, 77, events, altered)));
      }
    }
    expect([...codes]).toEqual(['PROOF_INVALID']);
  });

  it('of an object with one event needs no hash', () => {
    verifyEvent(fingerprints[0]!, 0, eventsRoot(fingerprints.slice(0, 1)), []);
  });

  it('is not made for an event that is not there', async () => {
    expect(await codeOf(() => eventProof(fingerprints, 300))).toBe('OUT_OF_RANGE');
  });
});
