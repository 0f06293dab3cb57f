import type { Context } from 'aws-lambda';
import { resultOf, type Answer, type ProxyResult } from './answer';
import type { IncomingRequest } from './incoming/incoming-request';
import { readEvent } from './incoming/read-event';
import type { Passages } from './passages';
import { WholeWay } from './ways/whole-way';

export type ProxyHandler = (event: unknown, context: Context) => Promise<ProxyResult>;

/** The proxy function: reads the event, leads the request through, gives the answer as its result. */
export function createHandler(passages: Passages): ProxyHandler {
  const { afterResponse, settings, uidsAndClock } = passages.options;
  return async (event, context) => {
    let request: IncomingRequest;
    let answer: Answer;
    try {
      request = readEvent(event, uidsAndClock, settings.claimNames);
      const waitedMs = uidsAndClock.now() - request.time;
      const way = new WholeWay(request.answerFormat, context, afterResponse, waitedMs);
      answer = await passages.handle(request, context, way);
    } catch (error) {
      // No request, or a fault of our own that cannot even be recorded: API Gateway answers 502, its log is the witness.
      await afterResponse.run(async () => undefined);
      throw error;
    }
    return resultOf(answer, request.answerFormat);
  };
}
