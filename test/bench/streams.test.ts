import { describe, expect, it } from 'vitest';
import { simulate, type Load } from '../../bench/streams/simulation';

/** A tenth of what Firehose has, so that a test takes a moment. */
const quota = { requests: 100, bytes: 100 * 1024 };
const LOAD: Load = { requestsPerSecond: 20, streams: 1, quota, eventBytes: 1_024, seconds: 3, seed: 1 };

describe('the simulation of delivery streams', () => {
  it('finds one stream enough for what it can take', async () => {
    const { events, lastResort, throttled, fallbackShare } = await simulate(LOAD);
    expect(events).toBeGreaterThan(90);
    expect({ lastResort, throttled, fallbackShare }).toEqual({ lastResort: 0, throttled: 0, fallbackShare: 0 });
  });

  it('sees throttling where there is too much for it, and no event lost: the bucket takes them', async () => {
    const { events, lastResort, throttled, fallbackShare } = await simulate({ ...LOAD, requestsPerSecond: 80 });
    expect(throttled).toBeGreaterThan(0);
    expect(lastResort).toBe(0);
    // The stream takes 100 of 160 events a second.
    expect(fallbackShare).toBeGreaterThan(0.3);
    expect(events).toBeGreaterThan(400);
  });

  it('sees events take the last resort where the bucket is too slow as well', async () => {
    const bucketQuota = { requests: 5, bytes: Infinity };
    const { lastResort } = await simulate({ ...LOAD, requestsPerSecond: 80, bucketQuota });
    expect(lastResort).toBeGreaterThan(10);
  });

  it('gives the same for the same seed, and other numbers for another', async () => {
    const load = { ...LOAD, requestsPerSecond: 60, seconds: 1 };
    expect(await simulate(load)).toEqual(await simulate(load));
    expect(await simulate(load)).not.toEqual(await simulate({ ...load, seed: 2 }));
  });
});
