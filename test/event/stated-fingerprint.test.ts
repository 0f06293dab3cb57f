import { expect, it } from 'vitest';
import { eventFormatOf } from '../../lib/event/keys';
import { statedFingerprint } from '../../lib/event/stated-fingerprint';

const value = 'ab'.repeat(32);

it('reads the fingerprint that an event states, and verifies nothing', () => {
  expect(statedFingerprint({ attestation_list: [{ fingerprint: { value } }] })).toBe(value);
});

it.each([
  [null],
  [{}],
  [{ attestation_list: { fingerprint: { value } } }],
  [{ attestation_list: [] }],
  [{ attestation_list: [{ fingerprint: { value } }, { fingerprint: { value } }] }],
  [{ attestation_list: [null] }],
  [{ attestation_list: [{ fingerprint: null }] }],
  [{ attestation_list: [{ fingerprint: { value: value.toUpperCase() } }] }],
  [{ attestation_list: [{ fingerprint: { value: `${value}\n` } }] }],
])('refuses what states none: %j', (event) => {
  expect(() => statedFingerprint(event)).toThrow(TypeError);
});

it('tells by its key how the events in an object are written', () => {
  const formats = ['events/a.parquet', 'fallback/a.json', 'edge/a.parquet', 'events/a', 'fallback/a', 'errors/a.json'];
  expect(formats.map(eventFormatOf)).toEqual(['parquet', 'lines', undefined, undefined, undefined, undefined]);
});
