import type { Context } from 'aws-lambda';
import { PROXY_METRICS } from '../../lib/routing/proxy-metrics';
import { eventReader } from './incoming/read-event';
import { metricLine } from './metric';
import type { Passages } from './passages';
import type { Problem } from './problem';
import type { AwsLambda, ResponseStream } from './streaming/aws-lambda';
import { CallersStream } from './streaming/callers-stream';
import { StreamedWay } from './ways/streamed-way';

export type StreamingHandler = (event: unknown, stream: ResponseStream, context: Context) => Promise<void>;

/**
 * The proxy function for routes whose answers are streamed. It rejects where an answer broke off, so that the runtime tells the
 * caller; all is recorded by then.
 */
export function createStreamingHandler(passages: Passages, lambda: AwsLambda): StreamingHandler {
  const { afterResponse, uidsAndClock, writer } = passages.options;
  const readEvent = eventReader(passages.options);
  return async (event, stream, context) => {
    const startedAt = uidsAndClock.now();
    const caller = new CallersStream(stream, lambda);
    let brokenOff: Problem | undefined;
    try {
      const request = readEvent(event, context);
      const way = new StreamedWay(caller, request.answerFormat, context, afterResponse);
      brokenOff = await passages.handle(request, context, way);
    } catch (error) {
      // As in the other handler: a fault that cannot even be recorded.
      await afterResponse.runNow(async () => undefined);
      throw error;
    }
    if (brokenOff === undefined) return;
    const { functionName = 'local' } = writer;
    process.stdout.write(`${metricLine(PROXY_METRICS.answerBrokenOff, functionName, undefined, startedAt)}\n`);
    throw brokenOff;
  };
}
