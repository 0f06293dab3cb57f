import { expect, it } from 'vitest';
import { recentSlices, shareOf } from '../../lambda/sealer/sweep';
import { SWEEP_ROUND_HOURS } from '../../lib/ledger/seal/settings';

const NOW = Date.UTC(2026, 10, 24, 7, 30);
const HOUR = 3_600_000;

/** A bucket of which listings are asked only; counts the keys that are listed. */
function bucketOf(keys: readonly string[]) {
  const folders = new Map<string, string[]>([['', [...keys]]]);
  for (const key of keys) {
    for (let at = 0; (at = key.indexOf('/', at) + 1) > 0;) {
      const folder = key.slice(0, at);
      folders.set(folder, [...(folders.get(folder) ?? []), key]);
    }
  }
  const bucket = {
    listed: 0,
    async *level(prefix: string) {
      const below = folders.get(prefix) ?? [];
      const isDeep = (key: string) => key.slice(prefix.length).includes('/');
      const next = new Set(below.filter(isDeep).map((key) => key.slice(0, key.indexOf('/', prefix.length) + 1)));
      yield { versions: below.filter((key) => !isDeep(key)).map(versionOf), folders: [...next] };
    },
    under(prefix: string) {
      const found = folders.get(prefix) ?? [];
      bucket.listed += found.length;
      return found;
    },
  };
  return bucket;
}

const versionOf = (key: string) => ({ key, versionId: 'v', lastModified: NOW });

it('goes over the whole bucket in a week, whatever the keys, and in no hour over much of it', async () => {
  const days = Array.from({ length: 30 }, (_, day) => new Date(NOW - day * 24 * HOUR).toISOString().slice(0, 10));
  const prefixes = ['events', 'fallback', 'edge', 'payloads', 'errors/x', 'errors/edge/x'];
  const partitioned = days.flatMap((dt) => prefixes.map((prefix) => `${prefix}/dt=${dt}/hour=04/x`));
  const day = 'events/dt=2026-11-24';
  const odd = ['events/x', 'events/dt=tomorrow/x', 'by-hand/a/b/c', 'by-hand/a', 'loose', 'events//x', 'ledge', 'errors/x/y',
    `${day}/x`, `${day}/hour=24/x`, `${day}/hour=7/x`, `${day}/deeper/still/x`, 'errors/z', 'errors/edge/y']; // prettier-ignore
  const bucket = bucketOf([...partitioned, ...odd, 'ledger/tile/0/000', 'ledger/head']);
  const found = new Set<string>();
  let most = 0;
  for (let hour = 0; hour < SWEEP_ROUND_HOURS; hour++) {
    bucket.listed = 0;
    const now = NOW + hour * HOUR;
    const { slices, versions } = await shareOf(bucket, now);
    for (const { prefix } of [...(await recentSlices(bucket, now, 24)), ...slices]) {
      for (const key of bucket.under(prefix)) found.add(key);
    }
    for (const { key } of versions) found.add(key);
    most = Math.max(most, bucket.listed);
  }
  expect([...found].sort()).toEqual([...partitioned, ...odd].sort());
  expect(most).toBeLessThan(40); // of 190
});
