import { expect, it } from 'vitest';
import { readAhead } from '../../../bin/verify/trail/read-ahead';

it('gives results in the order of the items, and works on so many at a time', async () => {
  let running = 0;
  let most = 0;
  const work = async (n: number) => {
    most = Math.max(most, (running += 1));
    // The later ones are the faster ones.
    for (let turn = 0; turn < 200 - 10 * n; turn++) await Promise.resolve();
    running -= 1;
    return n * n;
  };
  const results: number[] = [];
  for await (const result of readAhead([0, 1, 2, 3, 4, 5, 6, 7, 8, 9], 3, work)) results.push(result);
  expect(results).toEqual([0, 1, 4, 9, 16, 25, 36, 49, 64, 81]);
  expect(most).toBe(3);
});

it('tells of a failure when its turn has come', async () => {
  const work = (n: number) => (n === 2 ? Promise.reject(new Error('two')) : Promise.resolve(n));
  const results: number[] = [];
  const all = async () => {
    for await (const result of readAhead([0, 1, 2, 3], 4, work)) results.push(result);
  };
  await expect(all()).rejects.toThrow('two');
  expect(results).toEqual([0, 1]);
});
