import { randomUUID } from 'node:crypto';
import type { AccessLog } from './access-log';
import type { Integration } from './edge-entry';
import { FunctionError, type Functions } from './functions';
import { refuseLargeEvent, refuseNeverInvoked } from './not-invoked';
import { Refused } from './read-request';

export interface FunctionCall {
  readonly functions: Functions;
  /** The event as JSON text. */
  readonly event: string;
  readonly timeoutMs: number;
  readonly log: Pick<AccessLog, 'functionError'>;
  /** Told once, before this returns or throws. */
  readonly onEnd: (integration: Integration) => void;
}

/**
 * Runs the function under the API's time limit. A client that goes away changes nothing: its request arrived.
 *
 * @returns the function's answer as JSON text.
 * @throws Refused, FunctionError
 */
export async function callFunction({ functions, event, timeoutMs, log, onEnd }: FunctionCall): Promise<string> {
  const started = Date.now();
  const requestId = randomUUID();
  const end = (facts: Omit<Integration, 'latency'>): void => onEnd({ latency: Date.now() - started, ...facts });

  refuseLargeEvent(event, requestId, end);
  const givenUp = new AbortController();
  let timer: NodeJS.Timeout | undefined;
  const tooSlow = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => {
      // What was never started says so at once, and comes first.
      givenUp.abort();
      reject(new Refused('function_too_slow'));
    }, timeoutMs);
  });
  try {
    const answer = await Promise.race([functions.invoke(event, givenUp.signal, requestId), tooSlow]);
    end({ requestId, status: 200 });
    return answer;
  } catch (error) {
    refuseNeverInvoked(error, requestId, end);
    if (error instanceof FunctionError) end({ requestId, status: 200, error: log.functionError(error.message) });
    // An edge that waits no longer does not know what became of its call.
    else end({});
    throw error;
  } finally {
    clearTimeout(timer);
  }
}
