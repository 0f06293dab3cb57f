import { Pool } from 'undici';

export interface Load {
  /** Requests answered with 200, per second. */
  readonly perSecond: number;
  readonly answered: number;
  /** Answers that were no 200, and requests without an answer. */
  readonly failed: number;
  /** Of each request, in milliseconds. */
  readonly latencies: readonly number[];
}

/** Clients that each send one request after the other, for so long. */
export async function load(url: string, clients: number, milliseconds: number): Promise<Load> {
  const { origin, pathname } = new URL(url);
  const pool = new Pool(origin, { connections: clients, pipelining: 1 });
  const latencies: number[] = [];
  let failed = 0;
  const started = performance.now();
  const client = async (): Promise<void> => {
    while (performance.now() - started < milliseconds) {
      const sent = performance.now();
      try {
        const { statusCode, body } = await pool.request({ path: pathname, method: 'GET' });
        await body.dump();
        if (statusCode === 200) latencies.push(performance.now() - sent);
        else failed += 1;
      } catch {
        failed += 1;
      }
    }
  };
  await Promise.all(Array.from({ length: clients }, client));
  const seconds = (performance.now() - started) / 1000;
  await pool.close();
  return { perSecond: latencies.length / seconds, answered: latencies.length, failed, latencies };
}
