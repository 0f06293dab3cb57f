import { DEFAULT_HEDGE_DELAY_MS, DEFAULT_RECORDING_LIMIT_MS, MAX_RECORDING_LIMIT_MS } from './proxy-settings';

/** How events are recorded. Config file and constructs are both turned into this by `resolveRecording`. */
export interface Recording {
  /** Number of delivery streams. */
  readonly streams: number;
  /** How long the streams have before an event goes to the bucket as well, in milliseconds. */
  readonly hedgeDelayMs: number;
  /** Longest time that recording may hold a request, over all sinks, in milliseconds. */
  readonly limitMs: number;
}

/** The same as people write it: what is absent gets its default. */
export type RecordingInput = { readonly [key in keyof Recording]?: number | undefined };

/** What is wrong with one key of it. */
export interface RecordingProblem {
  readonly key: keyof Recording;
  readonly message: string;
}

export const DEFAULT_STREAMS = 1;
/**
 * What an account may have in a region unless its quota is raised.
 *
 * @see https://docs.aws.amazon.com/firehose/latest/APIReference/API_CreateDeliveryStream.html
 */
export const MAX_STREAMS = 50;
/** Below this a healthy stream would be hedged as well, and every event be written twice. */
export const MIN_HEDGE_DELAY_MS = 10;
/** Below this a healthy bucket would not be in time either. */
export const MIN_RECORDING_LIMIT_MS = 100;

/** Checks how events are recorded and says for each wrong key what is allowed and what it got. */
export function checkRecording(input: RecordingInput): RecordingProblem[] {
  const { streams, hedgeDelayMs, limitMs } = resolveRecording(input);
  const problems: RecordingProblem[] = [];
  if (!isWholeWithin(streams, 1, MAX_STREAMS)) {
    problems.push({ key: 'streams', message: `must be a whole number from 1 to ${MAX_STREAMS}; got ${streams}` });
  }
  const limitIsRight = isWholeWithin(limitMs, MIN_RECORDING_LIMIT_MS, MAX_RECORDING_LIMIT_MS);
  if (!limitIsRight) {
    const message = `must be from ${MIN_RECORDING_LIMIT_MS} ms to ${MAX_RECORDING_LIMIT_MS / 1000} s; got ${limitMs} ms`;
    problems.push({ key: 'limitMs', message });
  }
  const longest = limitIsRight ? limitMs : MAX_RECORDING_LIMIT_MS;
  if (!isWholeWithin(hedgeDelayMs, MIN_HEDGE_DELAY_MS, longest)) {
    const message = `must be from ${MIN_HEDGE_DELAY_MS} ms to the limit of recording, ${longest} ms; got ${hedgeDelayMs} ms`;
    problems.push({ key: 'hedgeDelayMs', message });
  }
  return problems;
}

/** Fills in the defaults. Under a short limit the bucket gets half of it, so that hedging still has a use. */
export function resolveRecording({ streams, hedgeDelayMs, limitMs }: RecordingInput): Recording {
  const limit = limitMs ?? DEFAULT_RECORDING_LIMIT_MS;
  return {
    streams: streams ?? DEFAULT_STREAMS,
    hedgeDelayMs: hedgeDelayMs ?? Math.min(DEFAULT_HEDGE_DELAY_MS, Math.floor(limit / 2)),
    limitMs: limit,
  };
}

function isWholeWithin(value: number, least: number, most: number): boolean {
  return Number.isInteger(value) && value >= least && value <= most;
}
