import { afterEach, describe, expect, it, vi } from 'vitest';
import { AfterResponse } from '../../lambda/proxy/after-response';

afterEach(() => void vi.restoreAllMocks());

function logOf(holds: boolean | undefined) {
  const log: string[] = [];
  const extension = holds === undefined ? undefined : { holds, invocationDone: () => void log.push('let go') };
  return { log, afterResponse: new AfterResponse(extension) };
}

const work = (log: string[]) => async () => {
  log.push('begin');
  await new Promise((resolve) => setTimeout(resolve, 10));
  log.push('end');
};

describe('work after the response', () => {
  it('begins after the answer has gone out where an extension holds the environment', async () => {
    const { log, afterResponse } = logOf(true);
    await afterResponse.run(work(log));
    await Promise.resolve().then(() => log.push('answer'));
    await vi.waitFor(() => expect(log).toContain('let go'));
    expect(log).toEqual(['answer', 'begin', 'end', 'let go']);
  });

  it('begins after a runtime that posts the answer a turn later', async () => {
    const { log, afterResponse } = logOf(true);
    await afterResponse.run(work(log));
    setImmediate(() => log.push('answer'));
    await vi.waitFor(() => expect(log).toContain('let go'));
    expect(log).toEqual(['answer', 'begin', 'end', 'let go']);
  });

  it.each([
    ['no extension is there', undefined, ['begin', 'end', 'answer']],
    ['the extension no longer holds', false, ['begin', 'end', 'let go', 'answer']],
  ])('is done before the answer where %s', async (_, holds, expected) => {
    const { log, afterResponse } = logOf(holds);
    await afterResponse.run(work(log));
    log.push('answer');
    expect(log).toEqual(expected);
  });

  it.each([true, false])('that fails is logged, and lets the environment go (held: %s)', async (holds) => {
    const error = vi.spyOn(console, 'error').mockImplementation(() => undefined);
    const { log, afterResponse } = logOf(holds);
    await afterResponse.run(() => Promise.reject(new Error('broken')));
    await vi.waitFor(() => expect(log).toEqual(['let go']));
    expect(error).toHaveBeenCalledOnce();
  });
});
