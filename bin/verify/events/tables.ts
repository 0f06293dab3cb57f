import { column, duckdb as dialect } from '../../../lib/event/sql/dialect';

/** The table with the nested events. */
export const RAW_TABLE = 'audit_events_raw';

/** The chain to which an event of it belongs. */
export const CHAIN_UID = `${dialect.firstOf(column('attestation_list'))}."chain_uid"`;
