import type { FindingCode as EventFindingCode } from '../../../lib/event/sql/verify';
import type { CodeHelp } from './code-help';

/** Of events and chains. */
export const EVENT_HELP: Readonly<Record<EventFindingCode | 'MISPLACED_EVENT' | 'REQUEST_CONFLICT', CodeHelp>> = {
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

/** Of events and requests that should have met. */
export const EDGE_HELP: Readonly<Record<'UNWITNESSED_EVENT' | 'UNAUDITED_REQUEST', CodeHelp>> = {
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
