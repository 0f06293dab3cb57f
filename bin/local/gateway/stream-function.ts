import type http from 'node:http';
import { randomUUID } from 'node:crypto';
import type { AccessLog } from './access-log';
import { MalformedAnswer, type AnswerHead, type StreamingApi } from './api';
import type { Header } from './client-request';
import type { EdgeAnswer, Integration } from './edge-entry';
import { FunctionError, type StreamingFunctions } from './functions';
import { refuseLargeEvent, refuseNeverInvoked } from './not-invoked';
import { readPrelude } from './read-prelude';
import { ClientGone } from './read-request';
import { StreamLimits } from './stream-limits';
import { StreamedAnswer } from './streamed-answer';
import { checkHeaders } from './write-answer';

export interface StreamingCall {
  readonly functions: StreamingFunctions;
  /** The event as JSON text. */
  readonly event: string;
  readonly api: StreamingApi;
  /** How long the client waits for the end of the answer, in milliseconds. */
  readonly timeoutMs: number;
  readonly log: Pick<AccessLog, 'functionError'>;
  readonly response: http.ServerResponse;
  /** Headers besides those of the function, asked for when its answer begins. */
  readonly more: () => readonly Header[];
  /** Aborted when no answer may go on any longer. */
  readonly cut: AbortSignal;
  /** Told once, before this returns or throws. */
  readonly onEnd: (integration: Integration) => void;
}

/**
 * Runs the function and passes its answer on as it comes, no faster than the client takes it. An answer that breaks off never
 * looks whole: the client's connection is closed under it. When the client leaves, the function's answer is dropped.
 *
 * @returns what the client got, once the answer has come to its end, whichever.
 * @throws Refused, FunctionError, MalformedAnswer where there is no answer to pass on.
 */
export async function streamFunction(call: StreamingCall): Promise<EdgeAnswer> {
  const { functions, event, response, log } = call;
  const started = Date.now();
  const requestId = randomUUID();
  const end = (facts: Omit<Integration, 'latency'>): void => call.onEnd({ latency: Date.now() - started, ...facts });

  refuseLargeEvent(event, requestId, end);
  const limits = new StreamLimits(call);
  let answer: StreamedAnswer | undefined;
  try {
    const body = await functions.invokeStreaming(event, limits, requestId);
    limits.over(body);
    const { prelude, parts } = await readPrelude(body);
    answer = new StreamedAnswer(response, headOf(call, prelude), call.more());
    await answer.passOn(parts, limits.dropped);
    end({ requestId, status: 200 });
    return answer;
  } catch (error) {
    refuseNeverInvoked(error, requestId, end);
    // What was ended from here fails in other words wherever it shows.
    const why: unknown = limits.dropped.aborted ? limits.dropped.reason : error;
    if (why instanceof FunctionError) end({ requestId, status: 200, error: log.functionError(why.message) });
    else if (why instanceof MalformedAnswer || answer !== undefined) end({ requestId, status: 200 });
    // An edge that waits no longer does not know what became of its call.
    else end({});
    if (answer !== undefined) {
      answer.breakOff();
      return answer;
    }
    if (why instanceof ClientGone) return { status: undefined, bodyLength: 0 };
    throw why;
  } finally {
    limits.lift();
  }
}

function headOf({ api }: StreamingCall, prelude: string): AnswerHead {
  const head = api.head(prelude);
  checkHeaders(head.headers);
  return head;
}
