import { createHash, generateKeyPairSync } from 'node:crypto';
import { localSigner } from '../../lib/ledger';
import { Sealer, type ObjectVersion } from '../../lib/ledger/seal';
import { MemorySealStore } from '../../test/support/memory-seal-store';

export interface SealingRow {
  /** Of the log when the row was measured. */
  readonly leaves: number;
  readonly objectsPerSecond: number;
  readonly bytesPerObject: number;
  readonly writesPerObject: number;
}

/** What one sealer takes on in a minute. */
const BATCH = 4_000;

/**
 * Lets a log grow to 10, 100, 1,000 … leaves, and says of each step what its objects cost. Each batch has a sealer of its
 * own, as functions are: nothing is in memory. What KMS, S3 and reading the objects take is not in it.
 *
 * @param most leaves at the end
 */
export async function measureSealing(most: number): Promise<SealingRow[]> {
  const store = new MemorySealStore();
  const signer = localSigner('bench.example.com/trail', generateKeyPairSync('ed25519').privateKey);
  const inspector = { inspect: async ({ key }: ObjectVersion) => ({ size: 1_000, sha256: sha256(key) }) };
  const timing = { sleep: async () => undefined, random: () => 0 };
  const rows: SealingRow[] = [];
  let [leaves, bytes] = [0, 0];
  const client = store.client();
  const counted: typeof client = {
    ...client,
    putIfAbsent: (path, body) => ((bytes += body.length), client.putIfAbsent(path, body)),
    putIfMatch: (path, body, etag) => ((bytes += body.length), client.putIfMatch(path, body, etag)),
  };
  for (let target = 10; target <= most; target *= 10) {
    const [before, bytesBefore, writesBefore] = [leaves, bytes, store.written.length];
    const start = performance.now();
    while (leaves < target) {
      const count = Math.min(BATCH, target - leaves);
      await new Sealer({ store: counted, inspector, signer, timing }).seal(versionsFrom(leaves, count));
      leaves += count;
    }
    const objects = leaves - before;
    rows.push({
      leaves,
      objectsPerSecond: objects / ((performance.now() - start) / 1_000),
      bytesPerObject: (bytes - bytesBefore) / objects,
      writesPerObject: (store.written.length - writesBefore) / objects,
    });
  }
  return rows;
}

/** Objects of one hour after the other. */
function versionsFrom(first: number, count: number): ObjectVersion[] {
  return Array.from({ length: count }, (_, i) => {
    const hour = String(Math.floor((first + i) / BATCH) % 24).padStart(2, '0');
    return { key: `events/dt=2026-11-24/hour=${hour}/${String(first + i).padStart(8, '0')}.parquet`, versionId: 'v1' };
  });
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
