import type { SealedEvent } from '../../lib/event/chain';

/** Marks the log line that carries an event which no sink took; metric filter, alarm and replay look for it. */
export const LAST_RESORT_MARK = 'audit_proxy_last_resort';

/**
 * Writes an event that no sink took as one structured line on the function's log, so that it is not lost and can be
 * replayed.
 */
export function writeLastResort(sealed: SealedEvent, reason: string, write: (line: string) => void): void {
  write(
    JSON.stringify({
      type: LAST_RESORT_MARK,
      uid: sealed.uid,
      fingerprint: sealed.fingerprint,
      reason,
      event: sealed.event,
    }) + '\n',
  );
}
