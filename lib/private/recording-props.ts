import type { Duration } from 'aws-cdk-lib';
import { checkRecording, resolveRecording, type Recording, type RecordingInput } from '../routing/recording';
import type { PropProblem } from './validation';

/** What can be chosen about how an access proxy records. */
export interface RecordingProps {
  readonly hedgeDelay?: Duration;
  readonly recordingLimit?: Duration;
}

/** Durations must be known at synthesis, as the function's own timeout follows from them. */
export function recordingProblems(props: RecordingProps): PropProblem[] {
  const unknown = (['hedgeDelay', 'recordingLimit'] as const).filter((key) => props[key]?.isUnresolved());
  if (unknown.length > 0) {
    return unknown.map((key) => ({ key, message: 'must be known at synthesis; got a token' }));
  }
  return checkRecording(recordingInput(props)).map(({ key, message }) => ({
    key: key === 'limitMs' ? 'recordingLimit' : 'hedgeDelay',
    message,
  }));
}

/** With the defaults filled in. */
export function resolveRecordingProps(props: RecordingProps): Recording {
  return resolveRecording(recordingInput(props));
}

function recordingInput({ hedgeDelay, recordingLimit }: RecordingProps): RecordingInput {
  return { hedgeDelayMs: milliseconds(hedgeDelay), limitMs: milliseconds(recordingLimit) };
}

function milliseconds(duration: Duration | undefined): number | undefined {
  return duration?.toMilliseconds({ integral: false });
}
