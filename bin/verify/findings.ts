import type { FindingCode as EventFindingCode } from '../../lib/event/sql/verify';
import type { LedgerErrorCode } from '../../lib/ledger';

export interface CodeHelp {
  /** What it means, one sentence. */
  readonly meaning: string;
  /** What to do about it. */
  readonly advice: string;
}

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

type ObjectFindingCode =
  | 'CHECKPOINT_MISSING'
  | 'KEY_CHANGED'
  | 'OBJECT_MISSING'
  | 'OBJECT_CHANGED'
  | 'OBJECT_REPLACED'
  | 'OBJECT_HIDDEN'
  | 'OBJECT_UNREADABLE'
  | 'UNSEALED_OBJECT'
  | 'LEAF_EVENTS_MISMATCH'
  | 'NOT_LOCKED'
  | 'RETENTION_SHORTENED';

/** What `audit-proxy verify` can find over a trail. The codes are stable: scripts may rely on them. */
export type FindingCode =
  | EventFindingCode
  | 'MISPLACED_EVENT'
  | 'REQUEST_CONFLICT'
  | 'UNWITNESSED_EVENT'
  | 'UNAUDITED_REQUEST'
  | ObjectFindingCode
  | LedgerFindingCode;

/** What it tells that is no finding. `UNWITNESSED_EVENT` and `UNAUDITED_REQUEST` can be either. Stable as well. */
export type NoticeCode =
  | 'OPEN_CHAIN'
  | 'UNCONFIRMED'
  | 'UNWITNESSED_EVENT'
  | 'UNAUDITED_REQUEST'
  | 'NO_LEDGER'
  | 'KEY_NOT_PINNED'
  | 'NO_EARLIER_CHECKPOINT'
  | 'CHECKPOINT_NOT_SAVED'
  | 'NOT_SEALED_YET'
  | 'NOT_JUDGED_YET'
  | 'EXPIRED_AS_PROMISED';

const EVENTS: Readonly<Record<EventFindingCode | 'MISPLACED_EVENT' | 'REQUEST_CONFLICT', CodeHelp>> = {
  FINGERPRINT_MISMATCH: {
    meaning: 'The event is not what its writer sealed: its content was changed after it was recorded.',
    advice: 'Compare the object with an older version of it or a copy, and find out who could write to the trail.',
  },
  UID_CONFLICT: {
    meaning: 'Two events carry the same id and different content: at least one is forged.',
    advice: 'The one whose fingerprint the next event of the chain names is the one its writer sealed.',
  },
  CHAIN_START_MISSING: {
    meaning: 'The chain does not begin with its first event: that and perhaps more were removed.',
    advice: 'Look for objects that were removed, and in errors/ for records that could not be delivered.',
  },
  CHAIN_GAP: {
    meaning: 'Events of the chain are missing before this one, and its writer never said that they failed.',
    advice:
      'Look for objects that were removed or are unreadable, and in errors/ for records that could not be delivered.',
  },
  CHAIN_FORK: {
    meaning: 'Two different events claim the same place of a chain: at least one is forged.',
    advice: 'Follow the chain back from its end: the forged event is not named by the one after it.',
  },
  CHAIN_BROKEN: {
    meaning:
      'The event names another predecessor than the one that lies before it: one of the two was replaced or moved.',
    advice: 'Compare both events with older versions of their objects.',
  },
  MISPLACED_EVENT: {
    meaning: 'The event lies under another day or hour than the one it happened in, where queries would miss it.',
    advice: 'Its object was moved, or written by something other than the delivery stream: find out by what.',
  },
  REQUEST_CONFLICT: {
    meaning: 'Two chains tell of the same request, which one environment served: one of them is forged.',
    advice: 'Compare both with the edge log and the service’s own log.',
  },
};

const EDGE: Readonly<Record<'UNWITNESSED_EVENT' | 'UNAUDITED_REQUEST', CodeHelp>> = {
  UNWITNESSED_EVENT: {
    meaning:
      'The edge log of that hour knows no such request, and no later request of the chain is known to it either: the event may be forged.',
    advice:
      'Compare with the service’s own log. Without harm: a call of the function past the gateway, or an edge record that was lost with the gateway.',
  },
  UNAUDITED_REQUEST: {
    meaning: 'The function answered this request, and the trail has no event of it.',
    advice:
      'Run audit-proxy recover over the function’s log. On a route with AFTER_RESPONSE, an environment may have died; else events were cut off.',
  },
};

const OBJECTS: Readonly<Record<ObjectFindingCode, CodeHelp>> = {
  CHECKPOINT_MISSING: {
    meaning: 'The ledger has no checkpoint, though it must have one: without it nothing in the ledger counts.',
    advice: 'Look for an older version of ledger/checkpoint, and find out who removed it.',
  },
  KEY_CHANGED: {
    meaning: 'The checkpoint saved earlier is not signed by the key with which the trail is checked now.',
    advice: 'Check with --key and the key that you wrote down. If you began a new trail here, delete the saved file.',
  },
  OBJECT_MISSING: {
    meaning: 'The ledger has this object, and it is gone: its events were removed after they were sealed.',
    advice: 'Look for a copy, and find out who could delete it.',
  },
  OBJECT_CHANGED: {
    meaning: 'The object is not the one that was sealed: its bytes have another SHA-256 or length.',
    advice: 'Compare it with a copy; everything in it is in doubt, also where its events look right.',
  },
  OBJECT_REPLACED: {
    meaning: 'The object has a later version with other content, which queries read in its place.',
    advice: 'Read the sealed version by its id. Find out who wrote the later one: no writer of the trail does.',
  },
  OBJECT_HIDDEN: {
    meaning: 'A delete marker hides the object from queries. What it hides is still there.',
    advice: 'Delete the delete marker (by its version id), and find out who could set it.',
  },
  OBJECT_UNREADABLE: {
    meaning:
      'The object cannot be decoded: it is damaged, or no object of a trail at all. What it holds was not checked.',
    advice: 'Restore it from an older version or a copy; missing events around it may well be in it.',
  },
  UNSEALED_OBJECT: {
    meaning:
      'The object is not in the ledger, though it is older than sealing takes: it was put there by hand, or sealing stands still.',
    advice: 'If many new objects show this, look at the sealer and its alarms; if few or old ones, at who wrote them.',
  },
  LEAF_EVENTS_MISMATCH: {
    meaning: 'The ledger’s leaf tells of other events than the object that it names has.',
    advice: 'The sealer itself was wrong, or is not the real one: compare its bundle and role with what was deployed.',
  },
  NOT_LOCKED: {
    meaning: 'The object is not locked in COMPLIANCE mode: somebody could delete it.',
    advice: 'Look at the default retention of the bucket, and lock the object (put-object-retention).',
  },
  RETENTION_SHORTENED: {
    meaning: 'The object is locked for less time than promised.',
    advice: 'Extend its retention, which a lock always allows, and look at the default retention of the bucket.',
  },
};

const SIGNED: CodeHelp = {
  meaning: 'The checkpoint is not signed by the key that it was checked with: the ledger is not the one you trust.',
  advice: 'Compare the key with the one that you wrote down at deployment. If it is right, the ledger was rebuilt.',
};
const DAMAGED: CodeHelp = {
  meaning: 'A file of the ledger is missing, damaged or not the one that the signed root stands for.',
  advice: 'Restore it from an older version or a copy. The leaves below it could not be checked.',
};
const MALFORMED: CodeHelp = {
  meaning: 'ledger/checkpoint is no checkpoint: without it nothing in the ledger counts.',
  advice: 'Look for an older version of it, and find out who wrote this one.',
};

const LEDGER: Readonly<Record<LedgerFindingCode, CodeHelp>> = {
  NOTE_MALFORMED: MALFORMED,
  CHECKPOINT_MALFORMED: MALFORMED,
  SIGNATURE_INVALID: SIGNED,
  SIGNATURE_MISSING: SIGNED,
  ORIGIN_MISMATCH: SIGNED,
  ROOT_MISMATCH: DAMAGED,
  TILE_MISSING: DAMAGED,
  TILE_MALFORMED: DAMAGED,
  TILE_MISMATCH: DAMAGED,
  ENTRIES_MISSING: DAMAGED,
  ENTRIES_MALFORMED: DAMAGED,
  ENTRIES_MISMATCH: DAMAGED,
  LEAF_MALFORMED: {
    meaning: 'An entry of the ledger does not tell of an object: no sealer writes such.',
    advice: 'Find out who can sign with the ledger’s key.',
  },
  ROLLED_BACK: {
    meaning: 'The ledger has fewer leaves than a checkpoint that it signed earlier: it was put back to an older state.',
    advice: 'What came after is missing or hidden. Restore the ledger; keep the checkpoint that proves it.',
  },
  FORKED: {
    meaning: 'The ledger contradicts a checkpoint that it signed earlier: leaves were changed, removed or swapped.',
    advice: 'Two histories were signed. Keep both checkpoints: they prove it. Find out who can sign.',
  },
};

const NOTICES: Readonly<Record<Exclude<NoticeCode, 'UNWITNESSED_EVENT' | 'UNAUDITED_REQUEST'>, CodeHelp>> = {
  OPEN_CHAIN: {
    meaning: 'An open chain has no closing event: its writer still runs, or was stopped without notice.',
    advice: 'Whether its last events were cut off cannot be told from the chain; ledger and edge log tell.',
  },
  UNCONFIRMED: {
    meaning: 'Events are missing before this one that no sink took; the writer itself named them.',
    advice: 'They lie on the function’s log: audit-proxy recover brings them into the trail.',
  },
  NO_LEDGER: {
    meaning: 'The trail has no ledger: fingerprints and chains were checked, removed chains cannot be noticed.',
    advice: 'Trails of earlier versions have none. If this one had, somebody removed it.',
  },
  KEY_NOT_PINNED: {
    meaning: 'The key lies beside the trail: whoever can change one can change the other.',
    advice: 'Write this key down in another place now, and give it with --key from then on.',
  },
  NO_EARLIER_CHECKPOINT: {
    meaning: 'No checkpoint was saved earlier: that the ledger only grew could not be checked.',
    advice: 'This run saves one if it finds nothing; the next will be checked against it.',
  },
  CHECKPOINT_NOT_SAVED: {
    meaning: 'The checkpoint could not be saved for the next run.',
    advice: 'Give a file that can be written with --since.',
  },
  NOT_SEALED_YET: {
    meaning: 'Some objects are too young to be in the ledger.',
    advice: 'Verify again later; --seal-lag says how old an object must be to be missed.',
  },
  NOT_JUDGED_YET: {
    meaning: 'Some events or requests are too young to be compared with the edge log.',
    advice: 'Verify again later.',
  },
  EXPIRED_AS_PROMISED: {
    meaning: 'Objects of the ledger are past their retention and were disposed of by rule.',
    advice: 'Nothing to do.',
  },
};

/** Meaning and advice of each code. */
export const FINDING_HELP: Readonly<Record<FindingCode, CodeHelp>> = { ...EVENTS, ...EDGE, ...OBJECTS, ...LEDGER };

/** The same of notices. */
export const NOTICE_HELP: Readonly<Record<NoticeCode, CodeHelp>> = {
  ...NOTICES,
  UNWITNESSED_EVENT: {
    meaning: 'The edge log does not know the request, but a later one of the same chain: the event is genuine.',
    advice: 'The edge log lost a record, which API Gateway allows itself, or something else called the function.',
  },
  UNAUDITED_REQUEST: {
    meaning: 'A request for which the function may have run, without an answer of its own, has no event.',
    advice: 'The function died under it, or its events wait on its log: audit-proxy recover.',
  },
};
