import { randomUUID } from 'node:crypto';
import { afterEach, expect, it, vi } from 'vitest';
import { bench, stream } from '../support/handler-bench';
import { startService } from '../support/services';

afterEach(() => vi.restoreAllMocks());

/** What the function counts on its log, while a service answers; the clock ticks each time that somebody looks at it. */
async function counted(...[answer]: Parameters<typeof startService>): Promise<unknown[]> {
  const written = vi.spyOn(process.stdout, 'write').mockReturnValue(true);
  const service = await startService(answer);
  let now = 1_000_000;
  const uidsAndClock = { uid: randomUUID, now: () => now++ };
  await stream(bench([{ path: '/', upstream: service.url, streaming: true }], { uidsAndClock })).done;
  await service.stop();
  const lines = written.mock.calls.map(([line]) => String(line)).filter((line) => line.startsWith('{"_aws"'));
  return lines.map((line) => JSON.parse(line) as unknown);
}

it('counts a streamed answer that broke off to the time when its invocation began, as Lambda counts its errors', async () => {
  const breaksOff = counted((_, response) => {
    response.write('half', () => response.destroy());
  });
  expect(await breaksOff).toEqual([
    {
      _aws: {
        Timestamp: 1_000_000,
        CloudWatchMetrics: [
          {
            Namespace: 'cdk-audit-proxy',
            Dimensions: [['function']],
            Metrics: [{ Name: 'AnswersBrokenOff', Unit: 'Count' }],
          },
        ],
      },
      function: 'local',
      AnswersBrokenOff: 1,
    },
  ]);
});

it('counts no other one', async () => {
  expect(await counted((_, response) => void response.writeHead(500).end('whole'))).toEqual([]);
});
