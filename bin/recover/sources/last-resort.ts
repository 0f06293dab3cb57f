import { createReadStream } from 'node:fs';
import { LastResortReader } from '../../../lib/event/last-resort-reader';
import { linesOf } from '../lines';
import { RecoveryError, type Found } from '../recovery';

/** A line of a log, and where it was. */
export interface LogLine {
  readonly line: string;
  /** The file, or the log's stream. */
  readonly from: string;
}

/** The events of the last resort in logs, as soon as each is whole; then what stayed incomplete. */
export async function* lastResortEvents(lines: AsyncIterable<LogLine>): AsyncIterable<Found> {
  const reader = new LastResortReader();
  for await (const { line, from } of lines) {
    const { events, broken } = reader.add(line);
    yield* events;
    for (const { problem, ...claim } of broken) yield { problem: 'broken', ...claim, detail: problem, from };
  }
  for (const { uid, fingerprint, parts, missing } of reader.incomplete()) {
    yield { problem: 'incomplete', uid, fingerprint, detail: `missing of its ${parts} parts: ${missing.join(', ')}` };
  }
}

/** What stands for standard input among the files. */
export const STDIN = '-';

/**
 * The lines of log files, gzip or not.
 *
 * @param files paths, or `-` for standard input
 * @throws RecoveryError where one cannot be read
 */
export async function* fileLines(files: readonly string[], stdin: AsyncIterable<Uint8Array>): AsyncIterable<LogLine> {
  for (const file of files) {
    const from = file === STDIN ? 'standard input' : file;
    try {
      const bytes = file === STDIN ? stdin : (createReadStream(file) as AsyncIterable<Uint8Array>);
      for await (const line of linesOf(bytes)) yield { line, from };
    } catch (error) {
      throw new RecoveryError(`cannot read ${from}: ${error instanceof Error ? error.message : String(error)}`);
    }
  }
}
