import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openLocalTrail } from '../../../bin/query/duckdb-queries';
import { runCli } from '../../support/run-cli';
import { SEED } from '../../support/seed';
import { unusedPort } from '../../support/services';
import { guaranteeRoutes } from '../routes';
import { World } from '../world';
import { drive } from './drive';
import { historyOf, markerOfEdge, type History, type KnownEvent } from './history';
import { expectedOf, type Expected } from './oracle';
import { randomPlan } from './plan';
import { Properties } from './properties';
import { Random } from './random';
import { productSays, writeTrail } from './trail';

const COUNT = Number(process.env['AUDIT_PROXY_FAULT_REQUESTS'] ?? 400);
const ENVIRONMENTS = 8;
const TIMEOUT_MS = 900_000;

/** The same seed brings the same requests and faults; what meets what is up to the machine. */
describe(`${COUNT} random requests under random faults, AUDIT_PROXY_SEED=${SEED}`, () => {
  let world: World;
  let history: History;
  let properties: Properties;
  let dir: string;

  beforeAll(async () => {
    dir = await mkdtemp(path.join(tmpdir(), 'audit-proxy-random-'));
    world = await startWorld();
    const plans = Array.from({ length: COUNT }, (_, index) => randomPlan(SEED, index));
    await drive(world, plans, ENVIRONMENTS + 4, new Random(SEED));
    await world.settled();
    await world.end();
    history = await historyOf(world, plans);
    properties = new Properties(history);
    await writeTrail(dir, history);
    console.log(summary(history));
  }, TIMEOUT_MS);

  afterAll(async () => {
    await world?.stop();
    await rm(dir, { recursive: true, force: true });
  });

  it('under BEFORE_FORWARD calls no service before the attempt is durable', () => {
    expect(properties.callsBeforeTheirAttempt()).toEqual([]);
  });

  it('under BEFORE_RESPONSE gives no answer before the attempt is durable, or stands on the log where the route allows that', () => {
    expect(properties.answersBeforeTheirAttempt()).toEqual([]);
  });

  it('refuses only where it may, and says truly whether the service was called', () => {
    expect(properties.untrueRefusals()).toEqual([]);
  });

  it('alters no event, in whatever sink or log', () => {
    expect(properties.alteredEvents()).toEqual([]);
    expect(history.unreadable).toBe(0);
  });

  it('signs every request', () => {
    expect([...world.firehose.wronglySigned, ...world.bucket.wronglySigned]).toEqual([]);
  });

  it('names what took the last resort in the writer’s next event', () => {
    expect(properties.unnamedUnconfirmed()).toEqual([]);
  });

  it('loses nothing but the last event of a function that was killed', () => {
    expect(properties.lostByTheLiving()).toEqual([]);
  });

  it('has each request that a function got in the edge log', () => {
    expect(properties.unwitnessed(new Set(history.edge.map(markerOfEdge)))).toEqual([]);
  });

  it(
    'reports every loss, and nothing else: verify and the views say what the journals say',
    async () => {
      expect(await asked(dir)).toEqual(expectedOf(history, isPersisted));
    },
    TIMEOUT_MS,
  );

  it(
    'closes the chains again when what took the last resort is recovered, and still reports what is lost',
    async () => {
      const { code, stdout, stderr } = await runCli(['recover', '--local', dir, world.logFile]);
      expect(code, stdout + stderr).toBe(0);
      expect(await asked(dir)).toEqual(expectedOf(history, (event) => isPersisted(event) || event.logged));
    },
    TIMEOUT_MS,
  );
});

async function startWorld(): Promise<World> {
  const closedPort = await unusedPort();
  const closed = `http://127.0.0.1:${closedPort}`;
  // Faults that a sink cannot have for one request alone fall to some of the environments.
  const endpoints = [{ firehose: 'http://firehose.invalid' }, { s3: closed }, { firehose: closed }];
  const world = await World.start({
    environments: ENVIRONMENTS,
    recording: { streams: 3, hedgeDelayMs: 60, limitMs: 400 },
    routes: (service) => guaranteeRoutes(service, closed, 300),
    endpoints: (index) => endpoints[index] ?? {},
  });
  for (const endpoint of [world.firehose, world.bucket]) endpoint.slowMs = 150;
  return world;
}

function isPersisted({ persisted }: KnownEvent): boolean {
  return persisted !== undefined;
}

async function asked(dir: string): Promise<Expected> {
  const trail = await openLocalTrail(dir);
  try {
    return await productSays(dir, trail);
  } finally {
    await trail.close();
  }
}

function summary(history: History): string {
  const { plans, seen, calls, events, writes, edge } = history;
  const count = (holds: (event: KnownEvent) => boolean): number => events.filter(holds).length;
  const by = (who: string): number => [...seen.values()].filter((one) => one.by === who).length;
  const { findings, requests, unaudited } = expectedOf(history, isPersisted);
  const attemptOnly = [...requests.values()].filter((phase) => phase === 'attempt').length;
  return [
    `${edge.length} of ${plans.length} requests arrived; ${plans.filter(({ kill }) => kill).length} to be met by a kill`,
    `answered by the service ${by('service')}, the proxy ${by('proxy')}, the gateway ${by('gateway')}, nobody ${by('nobody')}`,
    `${calls.length} calls of the service`,
    `${events.length} events in ${writes.length} writes: ${count(isPersisted)} persisted, ${count(({ logged }) => logged)} on the log`,
    `lost with a function that was killed: ${count((event) => !isPersisted(event) && !event.logged)} that had been sent`,
    `before recovery: ${findings.length} gaps in chains, ${attemptOnly} requests without outcome, ${unaudited.size} unaudited`,
  ].join('\n');
}
