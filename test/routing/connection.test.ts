import { describe, expect, it } from 'vitest';
import { checkConnection } from '../../lib/routing/connection';

const messages = (firstByteTimeoutMs: number, streaming: boolean) =>
  checkConnection({ firstByteTimeoutMs, connectTimeoutMs: 28_000 }, { isSecure: false, streaming }).map(
    ({ key, message }) => `${key} ${message}`,
  );

describe('the time for the first byte', () => {
  it('is up to 28 s, as the whole answer must be there by then', () => {
    expect(messages(28_000, false)).toEqual([]);
    expect(messages(28_001, false)).toEqual([
      'firstByteTimeoutMs must be a whole number from 1 to 28000 ms; got 28001 ms',
    ]);
  });

  it('is up to 5 minutes where answers are streamed', () => {
    expect(messages(300_000, true)).toEqual([]);
    expect(messages(300_001, true)).toEqual([
      'firstByteTimeoutMs must be a whole number from 1 to 300000 ms; got 300001 ms',
    ]);
  });

  it('is the only one that is longer then', () => {
    const [problem] = checkConnection({ connectTimeoutMs: 28_001 }, { isSecure: false, streaming: true });
    expect(problem?.message).toContain('from 1 to 28000 ms');
  });
});
