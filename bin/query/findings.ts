import type { FindingCode as EventFindingCode } from '../../lib/event/sql/verify';

/** What `audit-proxy verify` can find over a trail. The codes are stable: scripts may rely on them. */
export type FindingCode = EventFindingCode | 'MISPLACED_EVENT' | 'OBJECT_UNREADABLE';

export interface FindingHelp {
  /** What the finding means, one sentence. */
  readonly meaning: string;
  /** What to do about it. */
  readonly advice: string;
}

export const FINDING_HELP: Readonly<Record<FindingCode, FindingHelp>> = {
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
    meaning: 'Events of the chain are missing before this one.',
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
  OBJECT_UNREADABLE: {
    meaning:
      'The object cannot be decoded: it is damaged, or no object of a trail at all. What it holds was not checked.',
    advice: 'Restore it from an older version or a copy; missing events around it may well be in it.',
  },
};
