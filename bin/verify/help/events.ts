import type { FindingCode as EventFindingCode } from '../../../lib/event/sql/verify';
import type { EdgeFindingCode } from '../codes';
import type { CodeHelp } from './code-help';

/** Of events and chains. */
export const EVENT_HELP: Readonly<
  Record<
    | EventFindingCode
    | 'MISPLACED_EVENT'
    | 'TIME_OUT_OF_RANGE'
    | 'REQUEST_CONFLICT'
    | 'CORRELATION_CONFLICT'
    | 'OUTCOME_MISMATCH'
    | 'EVENT_INVALID',
    CodeHelp
  >
> = {
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
      'The event names another predecessor than the one that lies before it, or an unconfirmed event with another fingerprint than it has: one of the two was replaced or moved.',
    advice: 'Compare both events with older versions of their objects.',
  },
  MISPLACED_EVENT: {
    meaning:
      'The event, or record of the edge log, lies under another day or hour than its own, where queries would miss it.',
    advice: 'Its object was moved, or written by something other than the delivery stream: find out by what.',
  },
  TIME_OUT_OF_RANGE: {
    meaning: 'The event claims to be of a time that has not come yet: its writer’s clock is wrong, or it is forged.',
    advice: 'Check the clock of the machine that verifies first; then find out who wrote the event.',
  },
  CORRELATION_CONFLICT: {
    meaning:
      'Two chains use the same correlation_uid, which one environment makes for one request: one of them is forged.',
    advice: 'Compare both with the edge log and the service’s own log.',
  },
  OUTCOME_MISMATCH: {
    meaning:
      'Attempt and outcome of one request disagree on who asked for what from where: one of the two was changed, and the chain linked anew.',
    advice: 'Compare both with older versions of their objects, with the edge log and the service’s own log.',
  },
  EVENT_INVALID: {
    meaning:
      'The event has a value that the schema does not allow, or lacks one that every event has: no writer made it.',
    advice: 'Find out who wrote its object. Queries may show or hide it otherwise than true events.',
  },
  REQUEST_CONFLICT: {
    meaning: 'Two chains tell of the same request, which one environment served: one of them is forged.',
    advice: 'Compare both with the edge log and the service’s own log.',
  },
};

/** Of events and requests that should have met. */
export const EDGE_HELP: Readonly<Record<EdgeFindingCode, CodeHelp>> = {
  EDGE_MISMATCH: {
    meaning:
      'The event and the edge log’s record of the request contradict each other: the event or the record was changed or forged.',
    advice: 'The detail names what they disagree on. Compare both with the service’s own log and the function’s log.',
  },
  EDGE_CONFLICT: {
    meaning: 'Two different records of the edge log claim the same request: at least one of them is forged.',
    advice: 'Compare both (SELECT * FROM edge_requests) with the event, and find out who could write to edge/.',
  },
  EDGE_LOG_MISSING: {
    meaning:
      'The hour has events of requests and no record of the edge log, though the trail has an edge log: the records were removed, or the events are forged.',
    advice:
      'Look for alarms and deliveries of the edge log in that hour. If the edge log was turned on later than the trail, say when with --edge-log-since.',
  },
  UNWITNESSED_EVENT: {
    meaning:
      'The edge log of that hour has no record of the request, and confirms no later request of the chain either: the event may be forged.',
    advice:
      'Compare with the service’s own log. Calls of the function past the gateway show like this, too; those that it refused have the who_type unverified.',
  },
  UNAUDITED_REQUEST: {
    meaning: 'The function answered this request, and the trail has no event of it.',
    advice:
      'Run audit-proxy recover over the function’s log. On a route with AFTER_RESPONSE, an environment may have died; else events were cut off.',
  },
};
