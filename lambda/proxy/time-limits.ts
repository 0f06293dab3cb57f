import type { Context } from 'aws-lambda';

/** Time that is kept back before the function's own time limit, so that the event is written before it strikes. */
const RESERVE_MS = 500;

/** What is left for recording, in milliseconds. */
export function recordingTimeMs(context: Context): number {
  return context.getRemainingTimeInMillis() - RESERVE_MS;
}

/** What is left for service and caller, in milliseconds: the outcome comes after them. */
export function answeringTimeMs(context: Context): number {
  return context.getRemainingTimeInMillis() - 2 * RESERVE_MS;
}
