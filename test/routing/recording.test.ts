import { describe, expect, it } from 'vitest';
import { checkRecording, resolveRecording, type RecordingInput } from '../../lib/routing/recording';

describe('how events are recorded is right', () => {
  it.each<RecordingInput>([
    {},
    { streams: 1, hedgeDelayMs: 10, limitMs: 100 },
    { streams: 50, hedgeDelayMs: 10_000, limitMs: 10_000 },
    { limitMs: 100 },
    { hedgeDelayMs: 2_000 },
  ])('%j', (input) => {
    expect(checkRecording(input)).toEqual([]);
  });
});

describe('how events are recorded is wrong, and the message says what is allowed and what it got', () => {
  it.each<[RecordingInput, keyof RecordingInput, string]>([
    [{ streams: 0 }, 'streams', 'must be a whole number from 1 to 50; got 0'],
    [{ streams: 51 }, 'streams', 'got 51'],
    [{ streams: 1.5 }, 'streams', 'got 1.5'],
    [{ streams: NaN }, 'streams', 'got NaN'],
    [{ limitMs: 99 }, 'limitMs', 'must be from 100 ms to 10 s; got 99 ms'],
    [{ limitMs: 10_001 }, 'limitMs', 'got 10001 ms'],
    [{ limitMs: 100.5 }, 'limitMs', 'got 100.5 ms'],
    [{ hedgeDelayMs: 9 }, 'hedgeDelayMs', 'must be from 10 ms to the limit of recording, 2000 ms; got 9 ms'],
    [{ hedgeDelayMs: 2_001 }, 'hedgeDelayMs', 'got 2001 ms'],
    [{ hedgeDelayMs: 501, limitMs: 500 }, 'hedgeDelayMs', 'to the limit of recording, 500 ms; got 501 ms'],
  ])('%j', (input, key, message) => {
    const problems = checkRecording(input);
    expect(problems.map((problem) => problem.key)).toEqual([key]);
    expect(problems[0]?.message).toContain(message);
  });

  it('all at once, and a wrong limit bounds nothing', () => {
    expect(checkRecording({ streams: 0, hedgeDelayMs: 1, limitMs: 0 }).map(({ key }) => key)).toEqual([
      'streams',
      'limitMs',
      'hedgeDelayMs',
    ]);
    expect(checkRecording({ hedgeDelayMs: 5_000, limitMs: 0 }).map(({ key }) => key)).toEqual(['limitMs']);
  });
});

describe('defaults of recording', () => {
  it.each<[RecordingInput, number, number]>([
    [{}, 250, 2_000],
    [{ limitMs: 500 }, 250, 500],
    [{ limitMs: 101 }, 50, 101],
    [{ limitMs: 101, hedgeDelayMs: 80 }, 80, 101],
  ])('%j', (input, hedgeDelayMs, limitMs) => {
    expect(resolveRecording(input)).toEqual({ streams: 1, hedgeDelayMs, limitMs });
  });
});
