import fs from 'node:fs';
import { LAST_RESORT_MARK } from '../../../lib/event/last-resort';
import { FunctionLog } from './function-log';

/** What an environment tells its parent: a line of the last resort that the function's log did not take. */
export interface Unlogged {
  readonly unlogged: string;
}

/** The pipeline's stderr, for when the parent is gone. */
const PARENT_STDERR = 4;

type Done = (error?: Error | null) => void;

/**
 * Sends what the function prints to its log. Where the log cannot be written (disk full), events of the last resort go to
 * the parent, which prints them on its stderr; other lines are dropped. Printing never fails.
 */
export function takeOverOutput(log = new FunctionLog(process.stdout.fd)): void {
  const write = (chunk: string | Uint8Array, encoding?: BufferEncoding | Done, done?: Done): boolean => {
    const text = typeof chunk === 'string' ? chunk : Buffer.from(chunk).toString('utf8');
    if (!log.write(text)) tell(text);
    const callback = typeof encoding === 'function' ? encoding : done;
    if (callback !== undefined) process.nextTick(callback);
    return true;
  };
  process.stdout.write = write;
  process.stderr.write = write;
}

function tell(text: string): void {
  for (const line of text.split('\n')) if (line.includes(LAST_RESORT_MARK)) tellLine(line);
}

function tellLine(line: string): void {
  if (process.connected) {
    process.send?.({ unlogged: line } satisfies Unlogged);
    return;
  }
  try {
    fs.writeSync(PARENT_STDERR, `${line}\n`);
  } catch {
    // Nobody is left who could take it.
  }
}
