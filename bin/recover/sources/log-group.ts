import { LAST_RESORT_MARK } from '../../../lib/event/last-resort';
import type { LogMessages } from '../aws/services';
import type { LogLine } from './last-resort';

export interface LogGroupQuery {
  readonly logGroup: string;
  /** First and last instant of the log's own time, epoch milliseconds. Default: all that the log group holds. */
  readonly since?: number;
  readonly until?: number;
}

/**
 * The lines of a function's log group that have the mark of the last resort.
 *
 * @param progress is told after each page how many were read and found
 * @throws ServiceError
 */
export async function* logGroupLines(
  { logGroup, since, until }: LogGroupQuery,
  logs: LogMessages,
  progress: (pages: number, lines: number) => void,
): AsyncIterable<LogLine> {
  let token: string | undefined;
  let pages = 0;
  let lines = 0;
  do {
    // Quoted: one term, wherever it stands in the message.
    const page = await logs.page({ logGroup, pattern: `"${LAST_RESORT_MARK}"`, since, until, token });
    pages += 1;
    lines += page.messages.length;
    progress(pages, lines);
    for (const { message, stream } of page.messages) yield { line: message, from: stream };
    // A page may be empty and not the last one.
    token = page.next;
  } while (token !== undefined);
}
