import { EVENTS_PREFIX, FALLBACK_PREFIX, partitionPath, type Partition } from '../../lib/event/keys';
import type { NoteVerifier } from '../../lib/ledger';
import type { VersionedBucket } from '../aws/versioned-bucket';
import { bucketSource } from '../evidence/bucket-source';
import type { StoredVersion } from '../verify/trail/trail-store';
import type { Attempt, Counted, DoctoredTrail } from './doctored-trail';

/** What a deployed trail is asked by. */
export interface StackServices {
  readonly bucket: VersionedBucket;
  readonly forbidden: {
    delete(key: string, versionId: string): Promise<Attempt>;
    shorten(key: string, versionId: string, until: number): Promise<Attempt>;
  };
  readonly athena: { firstRow(sql: string, parameters: readonly string[]): Promise<readonly string[]> };
  readonly key: NoteVerifier | undefined;
}

const COUNT = `SELECT
  (SELECT count(*) FROM audit_events WHERE dt = ? AND hour = ? AND request_id = ?),
  (SELECT count(*) FROM edge_requests WHERE dt = ? AND hour = ? AND request_id = ?)`;

/** A trail that a stack has. */
export function stackTrail({ bucket, forbidden, athena, key }: StackServices): DoctoredTrail {
  return {
    location: `s3://${bucket.name}`,
    versions: (hour) => versionsOf(bucket, hour),
    source: bucketSource(bucket),
    locks: {
      defaultRetention: () => bucket.defaultRetention(),
      lock: (version) => bucket.lock(version.key, version.versionId),
      tryDelete: (version) => forbidden.delete(version.key, version.versionId),
      tryShorten: (version, until) => forbidden.shorten(version.key, version.versionId, until),
    },
    key,
    count: async (requestId, { dt, hour }): Promise<Counted> => {
      const one = [dt, hour, requestId];
      const [events, edge] = await athena.firstRow(COUNT, [...one, ...one]);
      return { events: Number(events), edge: Number(edge) };
    },
  };
}

async function* versionsOf(bucket: VersionedBucket, hour: Partition): AsyncGenerator<StoredVersion> {
  for (const prefix of [EVENTS_PREFIX, FALLBACK_PREFIX]) {
    for await (const { lastModified, ...version } of bucket.versions(prefix + partitionPath(hour))) {
      yield { ...version, since: lastModified };
    }
  }
}
