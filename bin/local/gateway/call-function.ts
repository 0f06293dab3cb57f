import { randomUUID } from 'node:crypto';
import type { AccessLog } from './access-log';
import type { Integration } from './edge-entry';
import { FunctionError, NeverInvoked, type Functions } from './functions';
import { MAX_FUNCTION_PAYLOAD_BYTES } from './limits';
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

  if (Buffer.byteLength(event) > MAX_FUNCTION_PAYLOAD_BYTES) {
    // API Gateway takes it, Lambda does not.
    end({ requestId, status: 413, error: `Request must be smaller than ${MAX_FUNCTION_PAYLOAD_BYTES} bytes` });
    throw new Refused('body_too_large');
  }
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
    if (error instanceof NeverInvoked) {
      // Lambda would have throttled the call; here it waited for an environment.
      end({ requestId, status: 429, error: 'Rate Exceeded.' });
      throw new Refused('function_too_slow');
    }
    if (error instanceof FunctionError) end({ requestId, status: 200, error: log.functionError(error.message) });
    // An edge that waits no longer does not know what became of its call.
    else end({});
    throw error;
  } finally {
    clearTimeout(timer);
  }
}
