import { describe, expect, it } from 'vitest';
import { Chain } from '../../lib/event/chain';
import { fingerprintOf } from '../../lib/event/fingerprint';
import { MAX_RECORD_BYTES } from '../../lib/event/record';
import type { AuditEvent } from '../../lib/event/schema';
import { attempt, outcome } from '../support/sample-event';

describe('a chain', () => {
  it('numbers its events from 0 and names the one before', () => {
    const chain = new Chain('writer');
    const [first, second] = [chain.seal(attempt(1)), chain.seal(outcome(1))];

    expect(first.event.metadata.sequence).toBe(0);
    expect(first.event.attestation_list).toEqual([
      {
        chain_uid: 'writer',
        fingerprint: {
          algorithm: 'SHA-256',
          algorithm_id: 3,
          encoding_id: 1,
          serialization_id: 2,
          value: first.fingerprint,
        },
      },
    ]);
    expect(second.event.metadata.sequence).toBe(1);
    expect(second.event.attestation_list[0]!.prev_event).toEqual({
      uid: 'attempt-1',
      type_uid: 600302,
      fingerprint: first.event.attestation_list[0]!.fingerprint,
    });
    expect(chain.length).toBe(2);
  });

  it('gives the event as one line that says the same', () => {
    const sealed = new Chain('writer').seal(attempt(1, { message: 'two\nlines' }));
    expect(sealed.line).not.toContain('\n');
    expect(JSON.parse(sealed.line)).toEqual(sealed.event);
    expect(sealed.uid).toBe('attempt-1');
    expect(fingerprintOf(JSON.parse(sealed.line) as AuditEvent)).toBe(sealed.fingerprint);
  });

  it('has a fingerprint that does not change when it is taken again', () => {
    const { event, fingerprint } = new Chain('writer').seal(attempt(1));
    expect(fingerprint).toMatch(/^[0-9a-f]{64}$/);
    expect(fingerprintOf(event)).toBe(fingerprint);
  });

  // Events that are out in the world must verify for ever. The value was taken by another program: Python's json.dumps
  // with sorted keys, and hashlib.
  it('has the fingerprint that it has always had', () => {
    expect(new Chain('writer').seal(attempt(1)).fingerprint).toBe(
      '44c67141554f2caebc8c77c47abc7a4d6232b48c6f3fb5145c72a1c88f92ec52',
    );
  });

  it.each([
    ['its content', (event: AuditEvent) => ({ ...event, message: 'x' })],
    ['its place', (event: AuditEvent) => ({ ...event, metadata: { ...event.metadata, sequence: 7 } })],
    [
      'its chain',
      (event: AuditEvent) => ({
        ...event,
        attestation_list: [{ ...event.attestation_list[0]!, chain_uid: 'another' }],
      }),
    ],
  ])('has a fingerprint that covers %s', (_, edit) => {
    const { event, fingerprint } = new Chain('writer').seal(attempt(1));
    expect(fingerprintOf(edit(event))).not.toBe(fingerprint);
  });

  it('stays as it was when a draft does not fit', () => {
    const chain = new Chain('writer');
    const { fingerprint } = chain.seal(attempt(1));
    expect(() => chain.seal(attempt(2, { duration: 1.5 }))).toThrow(TypeError);
    const { event } = chain.seal(attempt(3));
    expect(event.metadata.sequence).toBe(1);
    expect(event.attestation_list[0]!.prev_event!.fingerprint.value).toBe(fingerprint);
  });

  it('names what got no acknowledgement until an event that names it is confirmed', () => {
    const chain = new Chain('writer');
    const lost = chain.seal(attempt(1));
    chain.noteUnconfirmed(lost);
    const name = { uid: 'attempt-1', fingerprint: lost.fingerprint };
    expect(chain.seal(attempt(2)).event.unmapped.unconfirmed).toEqual([name]);
    const confirmed = chain.seal(attempt(3));
    expect(confirmed.event.unmapped.unconfirmed).toEqual([name]);
    chain.noteConfirmed(confirmed);
    expect(chain.seal(attempt(4)).event.unmapped).not.toHaveProperty('unconfirmed');
  });

  it('names 50 at once, and the others in later events', () => {
    const chain = new Chain('writer');
    for (let i = 0; i < 120; i += 1) chain.noteUnconfirmed(chain.seal(attempt(i)));
    const named = [];
    for (let i = 120; i < 124; i += 1) {
      const sealed = chain.seal(attempt(i));
      named.push((sealed.event.unmapped.unconfirmed ?? []).map(({ uid }) => uid));
      chain.noteConfirmed(sealed);
    }
    expect(named.map(({ length }) => length)).toEqual([50, 50, 20, 0]);
    expect(named.flat()).toEqual(Array.from({ length: 120 }, (_, i) => `attempt-${i}`));
  });

  it('does not forget what is unconfirmed when a draft does not fit', () => {
    const chain = new Chain('writer');
    chain.noteUnconfirmed(chain.seal(attempt(1)));
    expect(() => chain.seal(attempt(2, { duration: 1.5 }))).toThrow(TypeError);
    expect(chain.seal(attempt(3)).event.unmapped.unconfirmed).toHaveLength(1);
  });

  it('marks an event that was cut, with the size that it had', () => {
    const { event, fingerprint } = new Chain('writer').seal(attempt(1, { message: 'x'.repeat(20_000) }));
    expect(event.metadata.is_truncated).toBe(true);
    expect(event.metadata.untruncated_size).toBeGreaterThan(20_000);
    expect(event.message).toHaveLength(10_240);
    expect(fingerprintOf(event)).toBe(fingerprint);
  });

  it('cuts captured bodies first where the event is too large for a record, the answer before the request', () => {
    const body = (content: string) => ({ length: content.length, sha256: 'a'.repeat(64), content });
    const draft = outcome(1);
    const request = 'é"'.repeat(100_000);
    const seal = (response: string) =>
      new Chain('writer').seal({
        ...draft,
        unmapped: { ...draft.unmapped, request_body: body(request), response_body: body(response) },
      });

    const { event, line, fingerprint } = seal('x'.repeat(900_000));
    expect(Buffer.byteLength(line) + 1).toBeLessThanOrEqual(MAX_RECORD_BYTES);
    expect(Buffer.byteLength(line)).toBeGreaterThan(MAX_RECORD_BYTES - 200);
    expect(event.metadata).toMatchObject({ is_truncated: true });
    expect(event.metadata.untruncated_size).toBeGreaterThan(1_300_000);
    expect(event.unmapped.request_body).toEqual(body(request));
    expect(event.unmapped.response_body).toMatchObject({ length: 900_000, sha256: 'a'.repeat(64) });
    expect(event.unmapped.response_body?.content).toMatch(/^x+$/);
    expect(fingerprintOf(event)).toBe(fingerprint);

    const whole = seal('small');
    expect(whole.event.metadata.is_truncated).toBeUndefined();
  });

  it('cuts nothing else: what is still too large stays whole', () => {
    const resources = Array.from({ length: 150 }, () => ({ name: 'r'.repeat(10_000), type: 'path' }));
    const { event, line } = new Chain('writer').seal(attempt(1, { resources }));
    expect(Buffer.byteLength(line)).toBeGreaterThan(MAX_RECORD_BYTES);
    expect(event.resources).toEqual(resources);
    expect(event.metadata.is_truncated).toBeUndefined();
  });
});
