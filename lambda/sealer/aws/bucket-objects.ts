import { buffer } from 'node:stream/consumers';
import type { ObjectSource } from '../inspect/object-source';
import type { Bucket } from './bucket';

/** The objects of the trail in the bucket. */
export function bucketObjects(bucket: Pick<Bucket, 'get'>): ObjectSource {
  return {
    open: async ({ key, versionId }) => {
      const object = await bucket.get(key, versionId);
      if (object === undefined) return undefined;
      return {
        size: object.size,
        chunks: object.bytes,
        range: async (start, end) => {
          const part = await bucket.get(key, versionId, [start, end - 1]);
          if (part === undefined) throw new Error(`${key} is gone while it is read`);
          return buffer(part.bytes);
        },
      };
    },
  };
}
