import type { FindingCode as EventFindingCode } from '../../lib/event/sql/verify';
import type { LedgerErrorCode } from '../../lib/ledger';

/** What verifying a ledger itself can find, in its library's own codes. */
export type LedgerFindingCode = Extract<
  LedgerErrorCode,
  | 'NOTE_MALFORMED'
  | 'CHECKPOINT_MALFORMED'
  | 'SIGNATURE_INVALID'
  | 'SIGNATURE_MISSING'
  | 'ORIGIN_MISMATCH'
  | 'ROOT_MISMATCH'
  | 'TILE_MISSING'
  | 'TILE_MALFORMED'
  | 'TILE_MISMATCH'
  | 'ENTRIES_MISSING'
  | 'ENTRIES_MALFORMED'
  | 'ENTRIES_MISMATCH'
  | 'LEAF_MALFORMED'
  | 'ROLLED_BACK'
  | 'FORKED'
>;

/** What verifying objects by the ledger can find. */
export type ObjectFindingCode =
  | 'TRAIL_EMPTY'
  | 'NO_CHECKPOINT'
  | 'CHECKPOINT_MISSING'
  | 'KEY_CHANGED'
  | 'OBJECT_MISSING'
  | 'OBJECT_CHANGED'
  | 'OBJECT_REPLACED'
  | 'OBJECT_HIDDEN'
  | 'OBJECT_UNREADABLE'
  | 'UNSEALED_OBJECT'
  | 'UNEXPECTED_OBJECT'
  | 'LEAF_REPEATED'
  | 'LEAF_EVENTS_MISMATCH'
  | 'NOT_LOCKED'
  | 'RETENTION_SHORTENED';

/** What comparing the events with the edge log can find. */
export type EdgeFindingCode =
  'EDGE_MISMATCH' | 'EDGE_CONFLICT' | 'EDGE_LOG_MISSING' | 'UNWITNESSED_EVENT' | 'UNAUDITED_REQUEST';

/** What `audit-proxy verify` can find over a trail. The codes are stable: scripts may rely on them. */
export type FindingCode =
  | EventFindingCode
  | 'MISPLACED_EVENT'
  | 'TIME_OUT_OF_RANGE'
  | 'REQUEST_CONFLICT'
  | 'CORRELATION_CONFLICT'
  | 'OUTCOME_MISMATCH'
  | 'EVENT_INVALID'
  | EdgeFindingCode
  | ObjectFindingCode
  | LedgerFindingCode;

/** What it tells that is no finding. `UNWITNESSED_EVENT` and `UNAUDITED_REQUEST` can be either. Stable as well. */
export type NoticeCode =
  | 'OPEN_CHAIN'
  | 'UNCONFIRMED'
  | 'CHAIN_BORDER'
  | 'UNWITNESSED_EVENT'
  | 'UNAUDITED_REQUEST'
  | 'EDGE_LOG_CUT'
  | 'NO_LEDGER'
  | 'KEY_NOT_PINNED'
  | 'NO_EARLIER_CHECKPOINT'
  | 'CHECKPOINT_NOT_SAVED'
  | 'NOT_SEALED_YET'
  | 'EXPIRED_AS_PROMISED';
