import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { build } from 'esbuild';
import { openLocalTrail } from '../bin/query/duckdb-queries';
import { verifyEventsAlone } from '../bin/verify/events-alone';
import { localStore } from '../bin/verify/trail/local-store';
import { GUARANTEES } from '../lib/event/vocabulary';
import { load, type Load } from './load/clients';
import { startPipelineProcess, startServiceProcess } from './load/processes';
import { whenAndWhere } from './measured/machine';
import { median, percentile } from './measured/percentile';

/**
 * Drives the whole local pipeline (client, gateway, function, delivery) at the highest rate that it sustains, and
 * counts afterwards what the log holds.
 *
 *     npm run bench:load -- [--seconds 30]
 */
const { values } = parseArgs({ options: { seconds: { type: 'string', default: '30' } } });
const seconds = Number(values.seconds);

const print = (line = ''): void => void process.stdout.write(`${line}\n`);
const ms = (value: number): string => `${value.toFixed(2)} ms`;

/** Numbers of clients that are tried; a closed loop of each shows what the pipeline sustains. */
const CLIENTS = [2, 4, 8, 16, 32];
const PROBE_MS = 3_000;
/** Rounds in which latencies are compared, each way once a round, so that a slow moment meets all. */
const ROUNDS = 30;
const BLOCK_MS = 200;
const SERVICE_MS = 20;

async function main(): Promise<void> {
  const folder = await mkdtemp(path.join(os.tmpdir(), 'audit-bench-'));
  const program = path.join('dist', 'bench', 'load-service.cjs');
  await build({ entryPoints: ['bench/load/service.ts'], outfile: program, bundle: true, platform: 'node' });
  const fast = await startServiceProcess(program, 0);
  const slow = await startServiceProcess(program, SERVICE_MS);
  const pipeline = await startPipelineProcess(folder, [
    { path: '/load', upstream: fast.url },
    ...GUARANTEES.map((guarantee) => ({ path: `/${guarantee}`, upstream: slow.url, guarantee })),
  ]);
  print(whenAndWhere());
  try {
    const sent = await sustained(`${pipeline.url}/load`);
    const compared = await latencies(pipeline.url, slow.url);
    const arrived = await fast.count();
    await pipeline.stop();
    await count(pipeline.dataFolder, sent, compared, arrived);
  } finally {
    fast.stop();
    slow.stop();
    await rm(folder, { recursive: true, force: true });
  }
}

/** @returns requests answered */
async function sustained(url: string): Promise<number> {
  let answered = 0;
  let best: { clients: number; perSecond: number } = { clients: 0, perSecond: 0 };
  for (const clients of CLIENTS) {
    const probe = await load(url, clients, PROBE_MS);
    answered += probe.answered;
    print(`  ${String(clients).padStart(2)} clients  ${probe.perSecond.toFixed(0).padStart(5)} requests/s`);
    if (probe.perSecond > best.perSecond) best = { clients, perSecond: probe.perSecond };
  }
  print(`\n${seconds} s with ${best.clients} clients, BEFORE_RESPONSE, a service that answers at once:`);
  const run = await load(url, best.clients, seconds * 1000);
  print(`  rate       ${run.perSecond.toFixed(0)} requests/s, ${(2 * run.perSecond).toFixed(0)} events/s`);
  print(`  latency    ${summary(run)}`);
  print(`  failed     ${run.failed}`);
  return answered + run.answered;
}

/** One client, a service of 20 ms: what each guarantee adds to a request that goes through the proxy. */
async function latencies(gateway: string, service: string): Promise<number> {
  const ways = [...GUARANTEES].map((name) => ({ name, url: `${gateway}/${name}`, medians: [] as number[] }));
  const direct = { name: 'the service itself', url: `${service}/`, medians: [] as number[] };
  let answered = 0;
  for (const { url } of [direct, ...ways]) await load(url, 1, 1_000).then((run) => void (answered += url === direct.url ? 0 : run.answered)); // prettier-ignore
  for (let round = 0; round < ROUNDS; round += 1) {
    for (const way of shuffled([direct, ...ways])) {
      const run = await load(way.url, 1, BLOCK_MS);
      way.medians.push(median(run.latencies));
      if (way !== direct) answered += run.answered;
    }
  }
  const base = ways.find(({ name }) => name === 'AFTER_RESPONSE')!;
  print(`\none client, a service that takes ${SERVICE_MS} ms, median of ${ROUNDS} rounds:`);
  for (const { name, medians } of [direct, ...ways]) {
    const over = median(medians.map((value, round) => value / base.medians[round]!));
    print(`  ${name.padEnd(18)} ${ms(median(medians)).padStart(9)}   ${over.toFixed(2)} × AFTER_RESPONSE`);
  }
  return answered;
}

async function count(dataFolder: string, load: number, compared: number, arrived: number): Promise<void> {
  const trail = await openLocalTrail(dataFolder);
  const { rows } = await trail.run(`SELECT count(*) FROM audit_events WHERE result = 'Success'`);
  const recorded = Number(rows[0]?.[0]);
  await trail.close();
  const { totals, findings } = await verifyEventsAlone(localStore(dataFolder));
  print(`\nanswered   ${load + compared} requests (the service of the load counted ${arrived})`);
  print(`recorded   ${recorded}; lost ${load + compared - recorded}`);
  print(`verified   ${totals.events} events in ${totals.objects} objects, ${findings.length} findings`);
  if (recorded < load + compared || findings.length > 0) process.exitCode = 1;
}

function summary({ latencies: all }: Load): string {
  return [0.5, 0.9, 0.99, 0.999].map((share) => `p${share * 100} ${ms(percentile(all, share))}`).join(', ');
}

function shuffled<T>(list: readonly T[]): T[] {
  return list
    .map((item) => ({ item, key: Math.random() }))
    .sort((a, b) => a.key - b.key)
    .map(({ item }) => item);
}

main().catch((error: unknown) => {
  console.error(error);
  process.exit(1);
});
