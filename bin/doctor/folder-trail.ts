import { EVENTS_PREFIX, FALLBACK_PREFIX, partitionPath } from '../../lib/event/keys';
import type { NoteVerifier } from '../../lib/ledger';
import { localSource } from '../evidence/local-source';
import type { LocalTrail } from '../query/duckdb-queries';
import { localStore } from '../verify/trail/local-store';
import type { DoctoredTrail } from './doctored-trail';

const COUNT = `SELECT
  (SELECT count(*) FROM audit_events WHERE dt = ? AND hour = ? AND request_id = ?) AS "events",
  (SELECT count(*) FROM edge_requests WHERE dt = ? AND hour = ? AND request_id = ?) AS "edge"`;

/**
 * The trail of a pipeline on this machine.
 *
 * @param root absolute path
 */
export function folderTrail(root: string, queries: LocalTrail, key: NoteVerifier | undefined): DoctoredTrail {
  const store = localStore(root);
  return {
    location: root,
    versions: async function* (hour) {
      const folders = [EVENTS_PREFIX, FALLBACK_PREFIX].map((prefix) => prefix + partitionPath(hour));
      for await (const version of store.versions()) {
        if (folders.some((folder) => version.key.startsWith(folder))) yield version;
      }
    },
    source: localSource(root),
    locks: undefined,
    key,
    count: async (requestId, { dt, hour }) => {
      const one = [dt, hour, requestId];
      const { rows } = await queries.run(COUNT, [...one, ...one]);
      const [events, edge] = rows[0] ?? [];
      return { events: Number(events), edge: Number(edge) };
    },
  };
}
