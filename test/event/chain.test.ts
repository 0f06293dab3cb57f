import { describe, expect, it } from 'vitest';
import { Chain } from '../../lib/event/chain';
import { fingerprintOf } from '../../lib/event/fingerprint';
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
      'a2f4510f540c87432366710d1d1b02802dcd4381ae979353b149c94e736c46f4',
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

  it('names what got no acknowledgement in its next event, once', () => {
    const chain = new Chain('writer');
    const lost = chain.seal(attempt(1));
    chain.noteUnconfirmed(lost);
    expect(chain.seal(attempt(2)).event.unmapped.unconfirmed).toEqual([
      { uid: 'attempt-1', fingerprint: lost.fingerprint },
    ]);
    expect(chain.seal(attempt(3)).event.unmapped).not.toHaveProperty('unconfirmed');
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
});
