import path from 'node:path';
import { FUNCTION_LOG } from '../local/runtime/pool';
import { planOf } from '../recover/plan';
import { runPlan } from '../recover/run';
import { fileLines, lastResortEvents } from '../recover/sources/last-resort';
import { quote } from './start-banner';

/** What is known about events when a pipeline has stopped. */
export interface StartEnd {
  /** Whether all that the delivery stream acknowledged is in the trail. */
  readonly delivered: boolean;
  /** Events that are only on the function's log; undefined if it cannot be read. */
  readonly logged: number | undefined;
  /** Events that were only printed on stderr. */
  readonly printed: number;
}

/** @param data folder of the trail, as it was given */
export function endText({ delivered, logged, printed }: StartEnd, data: string): string {
  const log = quote(path.join(data, FUNCTION_LOG));
  const lines = [
    ...(delivered ? [] : ['some events are in the write-ahead log; they are delivered at the next start']),
    ...(logged === undefined ? [`whether events are only in ${log} is not known: it cannot be read`] : []),
    ...(logged ? [`${events(logged)} only in ${log}; run: audit-proxy recover ${log} --local ${quote(data)}`] : []),
    ...(printed > 0
      ? [
          `${events(printed)} only in this output, on stderr; save it and run: audit-proxy recover FILE --local ${quote(data)}`,
        ]
      : []),
  ];
  if (lines.length === 0) return 'stopped, every event is in the trail\n';
  return ['stopped, but not every event is in the trail:', ...lines.map((line) => `  ${line}`), ''].join('\n');
}

export function isComplete({ delivered, logged, printed }: StartEnd): boolean {
  return delivered && logged === 0 && printed === 0;
}

/**
 * How many events of the last resort the function's log has that are not in the trail, those of earlier runs included.
 *
 * @returns undefined if the log cannot be read
 */
export async function onlyLogged(dataFolder: string): Promise<number | undefined> {
  const log = path.join(dataFolder, FUNCTION_LOG);
  let found = 0;
  try {
    for await (const event of lastResortEvents(fileLines([log], process.stdin))) {
      if (!('problem' in event) || event.problem === 'incomplete') found += 1;
    }
  } catch {
    return undefined;
  }
  return found === 0 ? 0 : missingOf(log, dataFolder, found);
}

/** @returns how many of them a recovery would bring in, or all where the trail cannot be read */
async function missingOf(log: string, dataFolder: string, found: number): Promise<number> {
  try {
    const plan = planOf([log], { local: dataFolder, localGiven: true }, Date.now());
    const progress = { show: () => undefined, end: () => undefined };
    const aws = () => Promise.reject(new Error('a local trail needs no AWS'));
    const { recovery } = await runPlan(plan, true, { aws, stdin: process.stdin, progress });
    return found - recovery.alreadyInTrail;
  } catch {
    return found;
  }
}

function events(count: number): string {
  return count === 1 ? '1 event is' : `${count} events are`;
}
