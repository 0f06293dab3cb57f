import type { LedgerFindingCode, ObjectFindingCode } from '../codes';
import type { CodeHelp } from './code-help';

/** Of objects, by the ledger. */
export const OBJECT_HELP: Readonly<Record<ObjectFindingCode, CodeHelp>> = {
  TRAIL_EMPTY: {
    meaning: 'There is nothing in the trail, neither objects nor a ledger: it is new, or everything was removed.',
    advice: 'If it is new, say so with --first-run. Otherwise look for a copy, and find out who could remove it.',
  },
  NO_CHECKPOINT: {
    meaning:
      'No earlier checkpoint was given: the key proves who signed the ledger, and not that it still has everything that was signed.',
    advice:
      'Name the checkpoint of the last run with --since. If there has been none, say so with --first-run: then this run’s is saved.',
  },
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
      'The object is not what its writer puts under such a key: it is damaged, has other columns, or claims more than any writer delivers.',
    advice:
      'Restore it from an older version or a copy; missing events around it may well be in it. Find out who wrote it.',
  },
  UNSEALED_OBJECT: {
    meaning:
      'The object is not in the ledger, though it is older than sealing takes: it was put there by hand, or sealing stands still.',
    advice: 'If many new objects show this, look at the sealer and its alarms; if few or old ones, at who wrote them.',
  },
  UNEXPECTED_OBJECT: {
    meaning:
      'No writer gives an object this name, or it is no regular file: Athena and verify may read different objects.',
    advice:
      'Find out who put it there. Athena skips names that begin with . or _, and reads all others: Thumbs.db and desktop.ini break its queries. What a desktop left in a local folder (.DS_Store, Thumbs.db, desktop.ini) can be removed.',
  },
  LEAF_REPEATED: {
    meaning:
      'The ledger has this object version more than once: its index was removed or changed, and it was sealed again.',
    advice: 'Find out who could write under ledger/index/. The object itself is as it was sealed.',
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

/** Of the ledger itself. */
export const LEDGER_HELP: Readonly<Record<LedgerFindingCode, CodeHelp>> = {
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
