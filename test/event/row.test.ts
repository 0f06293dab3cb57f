import { describe, expect, it } from 'vitest';
import { Chain } from '../../lib/event/chain';
import { eventFromRow } from '../../lib/event/row';
import { attempt } from '../support/sample-event';

const { event } = new Chain('chain').seal(attempt(1));

describe('the way back from a row', () => {
  it('undoes what Parquet readers do', () => {
    const row = {
      ...event,
      time: BigInt(event.time),
      message: null,
      duration: undefined,
      resources: [],
      dst_endpoint: { hostname: undefined, port: null },
      cloud: { account: { uid: null } },
      dt: '2026-11-24',
      hour: '07',
    };
    expect(eventFromRow(row)).toEqual(event);
  });

  it.each([
    ['a number too large for an event', { duration: 2n ** 53n }, 'event.duration must be of kind integer'],
    ['a fraction', { duration: 1.5 }, 'event.duration must be of kind integer'],
    ['a number for a text', { message: 1n }, 'event.message must be of kind string'],
    ['a text for a truth value', { metadata: { is_truncated: 'true' } }, 'event.metadata.is_truncated must be'],
    ['a struct for a list', { resources: {} }, 'event.resources must be of kind list'],
    ['a list for a struct', { actor: [] }, 'event.actor must be of kind struct'],
    ['a null in a list', { resources: [{ name: 'a' }, null] }, 'event.resources[1] must be of kind struct'],
    ['an empty struct in a list', { resources: [{ name: undefined }] }, 'event.resources[0] must be of kind struct'],
  ])('refuses %s', (_, changes, message) => {
    expect(() => eventFromRow({ ...event, ...changes })).toThrow(message);
  });

  it('refuses a row without an event', () => {
    expect(() => eventFromRow({ dt: '2026-11-24', hour: '07' })).toThrow('the row holds no event');
  });
});
