import { expect, it } from 'vitest';
import { sweptVersions } from '../../lambda/sealer/sweep';
import { SWEEP_ROUND_HOURS } from '../../lib/ledger/seal/settings';

const NOW = Date.UTC(2026, 10, 24, 7, 30);
const HOUR = 3_600_000;

/** A bucket of which listings are asked only; counts the keys that are listed. */
function bucketOf(keys: readonly string[]) {
  const bucket = {
    listed: 0,
    async *level(prefix: string) {
      const below = keys.filter((key) => key.startsWith(prefix));
      const isDeep = (key: string) => key.slice(prefix.length).includes('/');
      const folders = new Set(below.filter(isDeep).map((key) => key.slice(0, key.indexOf('/', prefix.length) + 1)));
      yield { versions: below.filter((key) => !isDeep(key)).map(versionOf), folders: [...folders] };
    },
    async *versions(prefix: string) {
      const found = keys.filter((key) => key.startsWith(prefix));
      bucket.listed += found.length;
      yield found.map(versionOf);
    },
  };
  return bucket;
}

const versionOf = (key: string) => ({ key, versionId: 'v', lastModified: NOW });

it('goes over the whole bucket in a week, whatever the keys, and in no hour over much of it', async () => {
  const year = Array.from({ length: 365 }, (_, day) => new Date(NOW - day * 24 * HOUR).toISOString().slice(0, 10));
  const prefixes = ['events', 'fallback', 'edge', 'payloads', 'errors/edge/x'];
  const partitioned = year.flatMap((dt) => prefixes.map((prefix) => `${prefix}/dt=${dt}/hour=04/x`));
  const odd = ['events/x', 'events/dt=tomorrow/x', 'by-hand/a/b/c', 'by-hand/a', 'loose', 'events//x', 'ledge'];
  const bucket = bucketOf([...partitioned, ...odd, 'ledger/tile/0/000', 'ledger/head']);
  const found = new Set<string>();
  let most = 0;
  for (let hour = 0; hour < SWEEP_ROUND_HOURS; hour++) {
    bucket.listed = 0;
    for await (const page of sweptVersions(bucket, NOW + hour * HOUR, 24)) for (const { key } of page) found.add(key);
    most = Math.max(most, bucket.listed);
  }
  expect([...found].sort()).toEqual([...partitioned, ...odd].sort());
  // The errors of a kind have their turn together; besides, the days are spread evenly.
  expect(most).toBeLessThan(365 + 40);
});
