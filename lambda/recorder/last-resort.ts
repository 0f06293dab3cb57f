import type { SealedEvent } from '../../lib/event/chain';
import { lastResortLines } from '../../lib/event/last-resort';

/**
 * Writes an event that no sink took to the function's log, so that it is not lost and can be replayed: one structured
 * line, or several where it is too long for one.
 */
export function writeLastResort(sealed: SealedEvent, reason: string, write: (line: string) => void): void {
  for (const line of lastResortLines(sealed, reason)) write(line + '\n');
}
