import type { Context } from 'aws-lambda';
import { resultOf, type ProxyResult } from './answer';
import { eventReader } from './incoming/read-event';
import type { Passages } from './passages';
import { WholeWay } from './ways/whole-way';

export type ProxyHandler = (event: unknown, context: Context) => Promise<ProxyResult>;

/** The proxy function: reads the event, leads the request through, gives the answer as its result. */
export function createHandler(passages: Passages): ProxyHandler {
  const { afterResponse, uidsAndClock } = passages.options;
  const readEvent = eventReader(passages.options);
  return async (event, context) => {
    try {
      const request = readEvent(event, context);
      const way = new WholeWay(context, afterResponse, uidsAndClock.now() - request.time);
      const answer = await passages.handle(request, context, way);
      return resultOf(answer, request.answerFormat);
    } catch (error) {
      // A fault of our own that cannot even be recorded: API Gateway answers 502, its log is the witness.
      await afterResponse.run(async () => undefined);
      throw error;
    }
  };
}
