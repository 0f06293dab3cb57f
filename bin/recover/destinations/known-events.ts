import type { SealedEvent } from '../../../lib/event/chain';
import { partitionOf, type Partition } from '../../../lib/event/keys';
import { column, duckdb as dialect } from '../../../lib/event/sql/dialect';
import type { LocalTrail } from '../../query/duckdb-queries';
import { QueryError } from '../../query/queries';

/** Values in one statement. */
const CHUNK = 500;

const FINGERPRINT = `${dialect.firstOf(column('attestation_list'))}."fingerprint"."value"`;

/**
 * The fingerprints under which a local trail already holds events with the uids of these, by uid. Only the hours are
 * looked at in which the events happened.
 *
 * @throws QueryError
 */
export async function knownFingerprints(
  trail: Pick<LocalTrail, 'run' | 'dropUnreadable'>,
  events: readonly SealedEvent[],
): Promise<ReadonlyMap<string, ReadonlySet<string>>> {
  const known = new Map<string, Set<string>>();
  for (const { partition, uids } of byPartition(events)) {
    for (let start = 0; start < uids.length; start += CHUNK) {
      for (const [uid, fingerprint] of await look(trail, partition, uids.slice(start, start + CHUNK))) {
        known.set(uid, (known.get(uid) ?? new Set()).add(fingerprint));
      }
    }
  }
  return known;
}

async function look(
  trail: Pick<LocalTrail, 'run' | 'dropUnreadable'>,
  { dt, hour }: Partition,
  uids: readonly string[],
): Promise<[string, string][]> {
  const sql = `SELECT DISTINCT "metadata"."uid", ${FINGERPRINT} FROM audit_events_raw
WHERE "dt" = ? AND "hour" = ? AND "metadata"."uid" IN (${uids.map(() => '?').join(', ')})`;
  const rows = async () => (await trail.run(sql, [dt, hour, ...uids])).rows;
  try {
    return (await rows()) as unknown as [string, string][];
  } catch (error) {
    // A damaged object must not keep the others' events from being found, nor lost ones from coming back.
    if (!(error instanceof QueryError) || (await trail.dropUnreadable()).length === 0) throw error;
    return (await rows()) as unknown as [string, string][];
  }
}

function byPartition(events: readonly SealedEvent[]): { partition: Partition; uids: string[] }[] {
  const groups = new Map<string, { partition: Partition; uids: string[] }>();
  for (const { event, uid } of events) {
    const partition = partitionOf(event.time);
    const id = `${partition.dt}/${partition.hour}`;
    const group = groups.get(id) ?? { partition, uids: [] };
    group.uids.push(uid);
    groups.set(id, group);
  }
  return [...groups.values()];
}
