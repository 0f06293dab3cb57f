import type { SealedEvent } from '../../../lib/event/chain';
import { unusedPort } from '../../support/services';
import { GUARANTEES, guaranteeRoutes, type GuaranteeName } from '../routes';
import { markerOfEvent } from '../marker';
import { World } from '../world';
import type { FaultRow, Scene } from './row';

/** A healthy machine under load must not look like a sink that is slow. */
const PATIENT = { streams: 3, hedgeDelayMs: 1_500, limitMs: 4_000 };
const SERVICE_TIMEOUT_MS = 600;

export type Measured = Record<GuaranteeName, string>;

/** Sends one request under each guarantee while the fault is on, and says in the table's words what became of it. */
export async function measure(row: FaultRow): Promise<{ measured: Measured; problems: string[] }> {
  const closedPort = await unusedPort();
  const endpoints = row.endpoints?.(closedPort);
  const world = await World.start({
    environments: 1,
    recording: { ...PATIENT, ...row.recording },
    routes: (service) => guaranteeRoutes(service, `http://127.0.0.1:${closedPort}`, SERVICE_TIMEOUT_MS),
    ...(endpoints && { endpoints: () => endpoints }),
  });
  try {
    const measured: Partial<Measured> = {};
    for (const guarantee of GUARANTEES) measured[guarantee] = await measureOne(world, row, guarantee);
    return { measured: measured as Measured, problems: await problemsOf(world) };
  } finally {
    clearFaults(world);
    await world.stop();
  }
}

async function measureOne(world: World, row: FaultRow, guarantee: GuaranteeName): Promise<string> {
  const marker = `m-${guarantee}`;
  const leaving = new AbortController();
  const scene: Scene = { world, guarantee, marker, abandon: () => leaving.abort() };
  clearFaults(world);
  row.arrange?.(scene);
  const path = `${row.serviceIsDown ? '/down' : ''}/${guarantee}/${marker}`;
  await world.send(marker, { method: 'POST', path, signal: leaving.signal });
  await world.settled();
  const { events } = await world.lastResort();
  return [callerSaw(world, marker), serviceDid(world, marker), ...recordedOf(scene, events)].join(' · ');
}

function callerSaw({ seen }: World, marker: string): string {
  const { status, by, problem } = seen.get(marker)!;
  switch (by) {
    case 'nobody':
      return 'gone';
    case 'service':
      return String(status);
    case 'proxy':
      return `${status} ${problem}`;
    case 'gateway':
      return `${status} gateway`;
  }
}

function serviceDid({ service }: World, marker: string): string {
  const calls = service.calls.filter((call) => call.marker === marker).length;
  return ['not called', 'called'][calls] ?? `called ${calls} times`;
}

/** Where attempt (A) and outcome (O) are. */
function recordedOf({ world, marker }: Scene, lastResort: readonly SealedEvent[]): string[] {
  const found = (['attempt', 'outcome'] as const).flatMap((phase) => {
    const sinks = world.writesOf(marker, phase).filter(({ persisted }) => persisted !== undefined);
    const isLogged = lastResort.some(({ event }) => markerOfEvent(event) === marker && event.unmapped.phase === phase);
    const places = [
      ...(sinks.some(({ sink }) => sink.startsWith('firehose:')) ? ['stream'] : []),
      ...(sinks.some(({ sink }) => sink.startsWith('s3:')) ? ['bucket'] : []),
      ...(isLogged ? ['log'] : []),
    ];
    return places.length === 0 ? [] : [`${phase === 'attempt' ? 'A' : 'O'} ${places.join(' + ')}`];
  });
  return found.length === 0 ? ['nothing'] : found;
}

/** What must hold whatever the fault. */
async function problemsOf(world: World): Promise<string[]> {
  const { events, broken, incomplete } = await world.lastResort();
  const problems = [...world.firehose.wronglySigned, ...world.bucket.wronglySigned].map((one) => `signature: ${one}`);
  if (broken + incomplete > 0) problems.push(`lines of the last resort: ${broken} broken, ${incomplete} incomplete`);
  const lines = new Map<string, string>();
  for (const { uid, line } of [...world.writes, ...events]) {
    if ((lines.get(uid) ?? line) !== line) problems.push(`event ${uid} has copies that differ`);
    lines.set(uid, line);
  }
  for (const [marker, { by, forwarded }] of world.seen) {
    const called = world.service.calls.some((call) => call.marker === marker);
    if (by === 'proxy' && forwarded !== called) problems.push(`${marker}: forwarded ${forwarded}, called ${called}`);
  }
  return problems;
}

function clearFaults(world: World): void {
  world.firehose.hooks = {};
  world.bucket.hooks = {};
  world.service.behave = () => 'answers';
  world.environments.beforeInvocation = () => undefined;
}
