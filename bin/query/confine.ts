import type { DuckDBConnection } from '@duckdb/node-api';
import { EDGE_PREFIX, EVENTS_PREFIX, FALLBACK_PREFIX } from '../../lib/event/keys';
import { literal } from '../../lib/event/sql/dialect';

const QUERIED = [EVENTS_PREFIX, FALLBACK_PREFIX, EDGE_PREFIX];

/**
 * Leaves DuckDB no file but those with events and edge records, no network, and no way to change that. Other folders of the
 * trail hold what no statement may read: `keys/` has the keys that sign checkpoints and assertions, and those of pseudonyms.
 */
export async function confine(connection: DuckDBConnection, root: string): Promise<void> {
  for (const setting of [
    `TimeZone = 'UTC'`,
    `temp_directory = ''`,
    `allowed_directories = [${QUERIED.map((prefix) => literal(`${root}/${prefix}`)).join(', ')}]`,
    'allow_community_extensions = false',
    'enable_external_access = false',
    'lock_configuration = true',
  ]) {
    await connection.run(`SET ${setting}`);
  }
}
