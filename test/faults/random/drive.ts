import type { EndpointFault, FaultyEndpoint, Write } from '../../support/faulty-endpoint';
import { markerOfEvent } from '../marker';
import type { ServiceBehaviour } from '../service';
import type { World } from '../world';
import type { KillStage, RequestPlan } from './plan';
import type { Random } from './random';

/** How long what was sent to a frozen process has to arrive in its buffers, in milliseconds. */
const FREEZE_MS = 10;
/** How often a connection to a sink breaks before the request is read. */
const BREAKS_OFF = 0.005;

/** Sends all planned requests, some at once, and has happen to each what its plan says. */
export async function drive(
  world: World,
  plans: readonly RequestPlan[],
  atOnce: number,
  random: Random,
): Promise<void> {
  const byMarker = new Map(plans.map((plan) => [plan.marker, plan]));
  const planOf = (marker: string | undefined): RequestPlan | undefined => byMarker.get(marker ?? '');
  const killAt = (stage: KillStage, marker: string): boolean => {
    if (planOf(marker)?.kill !== stage) return false;
    world.environments.kill(marker);
    return true;
  };
  const killFrozen = (marker: string): void => {
    world.environments.freeze(marker);
    setTimeout(() => world.environments.kill(marker), FREEZE_MS);
  };

  world.environments.beforeInvocation = (marker) => {
    const plan = planOf(marker);
    if (plan?.kill === 'invoked') killFrozen(marker);
    if (plan?.kill === 'sometime') setTimeout(() => world.environments.kill(marker), plan.killAfterMs);
  };
  world.environments.afterAnswer = (marker) => void killAt('answered', marker);
  world.service.behave = ({ marker }): ServiceBehaviour => {
    if (killAt('service_called', marker)) return 'hangs';
    const plan = planOf(marker);
    if (plan?.kill === 'service_answers') killFrozen(marker);
    return plan?.service ?? 'answers';
  };
  const arrange = (endpoint: FaultyEndpoint, sink: 'firehose' | 'bucket'): void => {
    endpoint.hooks = {
      breaksOff: () => random.chance(BREAKS_OFF),
      decide: ({ event }): EndpointFault | undefined => {
        const plan = planOf(markerOfEvent(event));
        if (plan === undefined) return undefined;
        return killAt(`${phaseOf(event)}_arrives`, plan.marker) ? 'hung' : plan.drawFault(sink);
      },
      persisted: ({ event }) => {
        const marker = markerOfEvent(event);
        if (marker !== undefined) killAt(`${phaseOf(event)}_persisted`, marker);
      },
    };
  };
  arrange(world.firehose, 'firehose');
  arrange(world.bucket, 'bucket');

  const queue = [...plans];
  const senders = Array.from({ length: atOnce }, async () => {
    for (let plan = queue.shift(); plan !== undefined; plan = queue.shift()) await sendOne(world, plan);
  });
  await Promise.all(senders);
}

function phaseOf(event: Write['event']): 'attempt' | 'outcome' {
  return event.unmapped.phase === 'attempt' ? 'attempt' : 'outcome';
}

async function sendOne(world: World, plan: RequestPlan): Promise<void> {
  const { marker, api, method, guarantee, serviceIsDown, clientLeavesAfterMs } = plan;
  const path = `${serviceIsDown ? '/down' : ''}/${guarantee}/${marker}`;
  const leaving = new AbortController();
  const timer = clientLeavesAfterMs === undefined ? undefined : setTimeout(() => leaving.abort(), clientLeavesAfterMs);
  await world.send(marker, { method, path, api, signal: leaving.signal });
  clearTimeout(timer);
}
