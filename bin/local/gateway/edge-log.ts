import type { EdgeRecord } from '../../../lib/edge-log/record';

/** The gateway's door to the edge log. */
export interface EdgeLog {
  /** Takes the record of one request, at once: an answer never waits for its record. */
  write(record: EdgeRecord): void;
}
