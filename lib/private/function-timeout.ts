import { Duration } from 'aws-cdk-lib';
import type { ProxySettings } from '../routing/proxy-settings';
import { capturesBodies } from '../routing/record';
import { MAX_TIMEOUT_MS } from '../routing/route';

/** Time for everything but the service and the recording. */
const OWN_TIME_MS = 1_000;
/** @see https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html */
const LONGEST_FUNCTION_TIMEOUT_MS = 900_000;

/**
 * Time limit of the function whose answers are whole. A request of a route that streams comes here as well when it is spelled in
 * another way, and is answered like the others: within what API Gateway waits for a whole answer.
 */
export function bufferedTimeout(settings: ProxySettings): Duration {
  return timeoutFor(
    settings,
    settings.routes.map(({ timeoutMs }) => Math.min(timeoutMs, MAX_TIMEOUT_MS)),
  );
}

/** Time limit of the function that streams. */
export function streamingTimeout(settings: ProxySettings): Duration {
  return timeoutFor(
    settings,
    settings.routes.map(({ timeoutMs }) => timeoutMs),
  );
}

/**
 * Room for the slowest route with an attempt before and an outcome after it, so that no request ends without its events. Where
 * that is longer than a function may run (the longest route and recording limit there are, and captured bodies), the last write
 * has up to a second less.
 */
function timeoutFor(settings: ProxySettings, serviceTimeoutsMs: readonly number[]): Duration {
  // A captured body is stored before the outcome that names it.
  const writes = capturesSome(settings) ? 3 : 2;
  const needed = Math.max(...serviceTimeoutsMs) + writes * settings.recordingLimitMs + OWN_TIME_MS;
  return Duration.seconds(Math.ceil(Math.min(needed, LONGEST_FUNCTION_TIMEOUT_MS) / 1000));
}

export function capturesSome({ routes }: ProxySettings): boolean {
  return routes.some(({ record }) => record !== undefined && capturesBodies(record));
}
