import { buffer } from 'node:stream/consumers';
import { LEDGER_PREFIX } from '../../../lib/event/keys';
import { CHECKPOINT_PATH } from '../../../lib/ledger';
import type { SealStore } from '../../../lib/ledger/seal';
import type { Bucket } from './bucket';

/** The ledger in the bucket. */
export function bucketStore(bucket: Pick<Bucket, 'get' | 'put' | 'keys' | 'hasHistory'>): SealStore {
  return {
    get: async (path) => {
      const object = await bucket.get(LEDGER_PREFIX + path);
      return object && { bytes: await buffer(object.bytes), etag: object.etag };
    },
    putIfAbsent: (path, bytes) => bucket.put(LEDGER_PREFIX + path, bytes, typeOf(path), { ifNoneMatch: '*' }),
    putIfMatch: (path, bytes, etag) => bucket.put(LEDGER_PREFIX + path, bytes, typeOf(path), { ifMatch: etag }),
    list: async (prefix) => {
      const paths: string[] = [];
      for await (const keys of bucket.keys(LEDGER_PREFIX + prefix)) {
        for (const key of keys) paths.push(key.slice(LEDGER_PREFIX.length));
      }
      return paths;
    },
    hasHistory: (prefix) => bucket.hasHistory(LEDGER_PREFIX + prefix),
  };
}

/** As tlog-tiles asks whoever serves the files to say. */
function typeOf(path: string): string {
  if (path === CHECKPOINT_PATH) return 'text/plain; charset=utf-8';
  return path.startsWith('tile/') ? 'application/octet-stream' : 'application/json';
}
