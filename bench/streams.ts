import { parseArgs } from 'node:util';
import { FIREHOSE_QUOTAS, type Quota } from './streams/simulated-sinks';
import { simulate, type Result } from './streams/simulation';

/**
 * How many delivery streams a request rate needs, and what becomes of events where there are too few: the recorder over
 * streams with Firehose's quotas, in simulated time.
 *
 *     npm run bench:streams -- [--rates 100,1000] [--event-bytes 2048] [--seconds 1] [--seed 1]
 */
const { values } = parseArgs({
  options: {
    rates: { type: 'string', default: '100,500,1000,2000,5000' },
    'event-bytes': { type: 'string', default: '2048' },
    seconds: { type: 'string', default: '1' },
    seed: { type: 'string', default: '1' },
  },
});
const rates = values.rates.split(',').map(Number);
const common = {
  eventBytes: Number(values['event-bytes']),
  seconds: Number(values.seconds),
  seed: Number(values.seed),
};

/** Enough streams: next to nothing takes the fallback. */
const ENOUGH_SHARE = 0.001;

/** The least number of streams that is enough. */
async function streamsFor(requestsPerSecond: number, quota: Quota): Promise<{ streams: number; result: Result }> {
  const bySize = Math.max(1 / quota.requests, common.eventBytes / quota.bytes);
  for (let streams = Math.max(1, Math.floor(requestsPerSecond * 2 * bySize)); ; streams += 1) {
    const result = await simulate({ ...common, requestsPerSecond, streams, quota });
    if (result.fallbackShare < ENOUGH_SHARE && result.lastResort === 0) return { streams, result };
  }
}

async function main(): Promise<void> {
  const print = (line: string) => void process.stdout.write(`${line}\n`);
  print(`seed ${common.seed}, events of ${common.eventBytes} bytes, two a request, ${common.seconds} s each\n`);
  for (const [regions, quota] of Object.entries(FIREHOSE_QUOTAS)) {
    print(`${regions}: ${quota.requests} requests/s and ${quota.bytes / 1024 / 1024} MiB/s a stream`);
    print(
      '| requests/s | streams | by fallback | p99 until durable | last resort | with half the streams: by fallback | last resort |',
    );
    print('| ---: | ---: | ---: | ---: | ---: | ---: | ---: |');
    for (const requestsPerSecond of rates) {
      const { streams, result } = await streamsFor(requestsPerSecond, quota);
      const half = Math.floor(streams / 2);
      const too = half < 1 ? undefined : await simulate({ ...common, requestsPerSecond, streams: half, quota });
      const cells = [
        requestsPerSecond,
        streams,
        percent(result.fallbackShare),
        `${Math.round(result.p99Ms)} ms`,
        result.lastResort,
        too === undefined ? '–' : `${percent(too.fallbackShare)} (${half})`,
        too?.lastResort ?? '–',
      ];
      print(`| ${cells.join(' | ')} |`);
    }
    print('');
  }
}

function percent(share: number): string {
  return `${(share * 100).toFixed(2)} %`;
}

main().catch((error: unknown) => {
  console.error(error);
  process.exit(1);
});
