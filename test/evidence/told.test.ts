import { describe, expect, it } from 'vitest';
import { told } from '../../bin/evidence/told';
import { Chain } from '../../lib/event/chain';
import type { AuditEvent } from '../../lib/event/schema';
import { sealClosing, sealRequest } from '../support/sample-events';

const chain = new Chain('chain');
const [attempt, outcome] = sealRequest(chain);
const words = (event: AuditEvent) => Object.fromEntries(told(event));

describe('an event in plain words', () => {
  it('says who did what, when, where from, with what result', () => {
    expect(told(outcome.event)).toEqual([
      ['who', 'alice (uid-alice, cognito)'],
      ['what', 'GET /orders/7 of the service orders'],
      ['when', '2026-11-24T07:30:00.000Z'],
      ['from', '203.0.113.9'],
      ['result', '200, Success, Allowed'],
    ]);
  });

  it('does not give an attempt for a result', () => {
    expect(words(attempt.event)['result']).toBe('not known yet: this is the attempt, its outcome is another event');
  });

  it('names callers by what is known of them', () => {
    const { event } = outcome;
    expect(words({ ...event, actor: { user: { uid: 'u-1' } } })['who']).toBe('u-1 (cognito)');
    const unmapped = { ...event.unmapped, who_type: 'anonymous' as const };
    expect(words({ ...event, actor: undefined, unmapped })['who']).toBe('anonymous');
    expect(words({ ...event, api: undefined })['what']).toBe('GET /orders/7');
  });

  it('says of the end of a chain that it is one', () => {
    expect(told(sealClosing(chain).event)).toEqual([
      ['who', 'proxy'],
      ['what', 'the writer of this chain ended it'],
      ['when', '2026-11-24T07:30:00.000Z'],
    ]);
  });
});
