import type { EdgeRecord } from '../../../lib/edge-log/record';

/** The gateway's door to the edge log. */
export interface EdgeLog {
  /**
   * The function is about to be called.
   *
   * @param record what is to be logged if nothing more is heard of the request
   */
  begin?(record: EdgeRecord): void;
  /** Takes the record of one request, at once, before its answer goes out: an answer never waits for its delivery. */
  write(record: EdgeRecord): void;
}
