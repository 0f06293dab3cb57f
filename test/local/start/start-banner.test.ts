import { describe, expect, it } from 'vitest';
import { startBanner } from '../../../bin/commands/start-banner';
import type { Pipeline } from '../../../bin/local/pipeline';
import { resolveRoute } from '../../../lib/routing/route';

const upstream = 'http://127.0.0.1:9';
const routes = [
  resolveRoute({ path: '/orders', upstream, service: 'orders' }),
  resolveRoute({ path: '/events', upstream, service: 'news', streaming: true }),
];

function bannerOf(more: Partial<Pipeline>): string {
  const pipeline = {
    url: 'http://127.0.0.1:8080',
    routes,
    samples: ['orders'],
    payload: 'v1',
    concurrency: 2,
    streamingConcurrency: 16,
    config: { recording: { streams: 1 }, local: { callers: {} } },
    ...more,
  } as Partial<Pipeline> as Pipeline;
  return startBanner(pipeline, { data: '.audit', colors: false });
}

describe('what "start" prints', () => {
  it('says which routes are streamed, and how many answers at once', () => {
    const banner = bannerOf({});
    expect(banner).toContain('REST API (payload v1), 2 at a time and 16 streams\n');
    expect(banner).toContain('orders, a sample service\n');
    expect(banner).toContain('news, streamed\n');
  });

  it('says nothing of the kind where nothing is', () => {
    const banner = bannerOf({ payload: 'v2', streamingConcurrency: 0 });
    expect(banner).toContain('HTTP API (payload v2), 2 at a time\n');
    expect(banner).not.toContain('streamed');
  });
});
