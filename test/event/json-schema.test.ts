import { Ajv2020 } from 'ajv/dist/2020';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Chain } from '../../lib/event/chain';
import { eventJsonSchema } from '../../lib/event/json-schema';
import { attempt, closing, outcome } from '../support/sample-event';
import { randomDraft, sealRandom } from '../support/random-event';

const validate = new Ajv2020({ strict: true, allErrors: true }).compile(eventJsonSchema());

describe('the JSON Schema of an event', () => {
  it('takes what a chain seals', () => {
    const chain = new Chain('chain');
    for (const draft of [attempt(1), outcome(1), closing()]) {
      expect(validate(JSON.parse(chain.seal(draft).line)), JSON.stringify(validate.errors)).toBe(true);
    }
  });

  it('takes whatever events the schema can describe', () => {
    const drafts = fc.sample(randomDraft({ hostile: false }), 200);
    for (const { line } of sealRandom(drafts)) {
      expect(validate(JSON.parse(line)), JSON.stringify(validate.errors)).toBe(true);
    }
  });

  const { event } = new Chain('chain').seal(attempt(1));
  it.each([
    ['an undeclared field', { nonsense: 1 }],
    ['an undeclared field within', { src_endpoint: { ...event.src_endpoint, nonsense: 1 } }],
    ['a null', { message: null }],
    ['an empty text', { message: '' }],
    ['an empty list', { resources: [] }],
    ['an empty struct', { cloud: {} }],
    ['a struct without what it must have', { trace: { span: event.trace!.span } }],
    ['a missing field', { time: undefined }],
    ['a fraction', { duration: 1.5 }],
    ['a number too large', { duration: 2 ** 53 }],
    ['a text too long', { message: 'x'.repeat(10_241) }],
    ['a number outside of the enumeration', { status_id: 7 }],
    ['a text outside of the enumeration', { unmapped: { ...event.unmapped, phase: 'other' } }],
  ])('refuses %s', (_, changes) => {
    expect(validate(JSON.parse(JSON.stringify({ ...event, ...changes })))).toBe(false);
  });
});
