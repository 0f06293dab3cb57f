import { expect, it, vi } from 'vitest';
import { sharedReads } from '../../../lambda/proxy/secrets/shared-reads';

it('reads a secret once for all that ask at the same time, and anew for whoever asks later', async () => {
  const read = vi.fn(async (id: string) => `${id} ${read.mock.calls.length}`);
  const shared = sharedReads(read);
  expect(await Promise.all([shared('a'), shared('b'), shared('a'), shared('a')])).toEqual(['a 1', 'b 2', 'a 1', 'a 1']);
  expect(read).toHaveBeenCalledTimes(2);
  expect(await shared('a')).toBe('a 3');
});

it('tells all of them of a failure, and tries again for the next', async () => {
  const read = vi.fn(async () => 'text').mockRejectedValueOnce(new Error('throttled'));
  const shared = sharedReads(read);
  const both = await Promise.allSettled([shared('a'), shared('a')]);
  expect(both.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
  expect(await shared('a')).toBe('text');
});
