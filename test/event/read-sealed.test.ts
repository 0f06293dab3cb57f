import { describe, expect, it } from 'vitest';
import { Chain } from '../../lib/event/chain';
import { fingerprintObject, fingerprintOf } from '../../lib/event/fingerprint';
import { readSealedEvent } from '../../lib/event/read-sealed';
import type { AuditEvent } from '../../lib/event/schema';
import { attempt, closing, outcome } from '../support/sample-event';

const sealed = new Chain('chain-1').seal(outcome(0));

/** The line of an event with a fingerprint that fits whatever it says. */
function resealed(changes: object): string {
  const event = { ...sealed.event, ...changes } as AuditEvent;
  const fingerprint = fingerprintObject(fingerprintOf(event));
  const attestation_list = event.attestation_list.map((entry) => ({ ...entry, fingerprint }));
  return JSON.stringify({ ...event, attestation_list });
}

/** That any event comes back is shown in last-resort-reader.test.ts. */
describe('reading a sealed event', () => {
  it('gives what was sealed', () => {
    const chain = new Chain('chain-2');
    for (const draft of [attempt(0), outcome(1), closing()]) {
      const event = chain.seal(draft);
      expect(readSealedEvent(event.line)).toEqual(event);
    }
  });

  const { line, event } = sealed;
  it.each([
    ['its content was changed', line.replace('"alice"', '"mallory"'), 'its fingerprint is not that of its content'],
    ['it is cut', line.slice(0, -1), 'it is no JSON'],
    ['it is a list', '[]', 'it is no event'],
    ['it is empty', '{}', 'the row holds no event'],
    ['a key is there twice', line.replace('{', '{"time":1,'), 'it is not written the way writers write events'],
    ['there is white space', `${line} `, 'it is not written the way writers write events'],
    ['it has a null', resealed({}).replace('{', '{"extra":null,'), 'null has no place in an event'],
    ['it has a field that no event has', resealed({ extra: 'x' }), 'it has fields that events do not have'],
    ['a field is of another type', resealed({ status: 7 }), 'event.status must be of kind string'],
    ['it has no attestation', JSON.stringify({ ...event, attestation_list: undefined }), 'it is not sealed'],
    [
      'it has an empty list',
      resealed({ attestation_list: [] }),
      'it has fields that events do not have, or empty ones',
    ],
    [
      'it has two',
      resealed({ attestation_list: [...event.attestation_list, ...event.attestation_list] }),
      'not sealed',
    ],
    ['its fingerprint is of another kind', line.replace('"SHA-256"', '"MD5"'), 'its fingerprint is of another kind'],
    ['it has no time', resealed({ time: undefined }), 'it has no time that is a date'],
    ['its time is no date', resealed({ time: 253_402_300_800_000 }), 'it has no time that is a date'],
    [
      'its uid leads out',
      resealed({ metadata: { ...event.metadata, uid: '../../x' } }),
      'it has no uid as writers give',
    ],
  ])('refuses it where %s', (_, text, problem) => {
    expect(() => readSealedEvent(text)).toThrow(TypeError);
    expect(() => readSealedEvent(text)).toThrow(problem);
  });
});
