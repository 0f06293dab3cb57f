import type { EndpointFault } from '../../support/faulty-endpoint';
import { markerOfEvent } from '../marker';
import type { ServiceBehaviour } from '../service';
import { until } from '../until';
import type { FaultGroup, Scene } from './row';

/** How long what was sent to a frozen process has to arrive in its buffers, in milliseconds. */
const FREEZE_MS = 20;

/** The function's process is killed (SIGKILL), at each stage that a request goes through. */
export const kills: FaultGroup = {
  title: 'The function is killed',
  rows: [
    {
      fault: 'before it has read the request',
      arrange: ({ world, marker }) => {
        world.environments.beforeInvocation = () => {
          world.environments.freeze(marker);
          setTimeout(() => world.environments.kill(marker), FREEZE_MS);
        };
      },
      before_forward: '502 gateway · not called · nothing',
      before_response: '502 gateway · not called · nothing',
      before_response_refuse: '502 gateway · not called · nothing',
      after_response: '502 gateway · not called · nothing',
    },
    {
      fault: 'while it sends the attempt, which no sink has taken yet',
      arrange: (scene) => {
        const { world, marker } = scene;
        if (!hasAttempt(scene)) return killWhileServiceWorks(scene);
        world.firehose.hooks = {
          decide: async (): Promise<EndpointFault> => {
            await serviceCalled(scene);
            world.environments.kill(marker);
            return 'hung';
          },
        };
        world.service.behave = () => 'hangs';
      },
      before_forward: '502 gateway · not called · nothing',
      before_response: '502 gateway · called · nothing',
      before_response_refuse: '502 gateway · called · nothing',
      after_response: '502 gateway · called · nothing',
    },
    {
      fault: 'when a sink has taken the attempt, and not acknowledged it',
      arrange: (scene) => {
        const { world, marker } = scene;
        if (!hasAttempt(scene)) return killWhileServiceWorks(scene);
        world.firehose.hooks = {
          persisted: async () => {
            await serviceCalled(scene);
            world.environments.kill(marker);
          },
        };
        world.service.behave = () => 'hangs';
      },
      before_forward: '502 gateway · not called · A stream',
      before_response: '502 gateway · called · A stream',
      before_response_refuse: '502 gateway · called · A stream',
      after_response: '502 gateway · called · nothing',
    },
    {
      fault: 'while the service works',
      arrange: killWhileServiceWorks,
      before_forward: '502 gateway · called · A stream',
      before_response: '502 gateway · called · A stream',
      before_response_refuse: '502 gateway · called · A stream',
      after_response: '502 gateway · called · nothing',
    },
    {
      fault: 'when the service has answered, before the caller is',
      arrange: (scene) => {
        const { world, marker } = scene;
        world.service.behave = async (): Promise<ServiceBehaviour> => {
          await attemptAcknowledged(scene);
          world.environments.freeze(marker);
          setTimeout(() => world.environments.kill(marker), FREEZE_MS);
          return 'answers';
        };
      },
      before_forward: '502 gateway · called · A stream',
      before_response: '502 gateway · called · A stream',
      before_response_refuse: '502 gateway · called · A stream',
      after_response: '502 gateway · called · nothing',
    },
    {
      fault: 'when the caller is answered, while it sends the outcome, which no sink has taken yet',
      arrange: (scene) => {
        const { world, marker } = scene;
        world.firehose.hooks = {
          decide: async ({ event }): Promise<EndpointFault | undefined> => {
            if (event.unmapped.phase !== 'outcome') return undefined;
            await callerAnswered(scene);
            world.environments.kill(marker);
            return 'hung';
          },
        };
      },
      before_forward: '200 · called · A stream',
      before_response: '200 · called · A stream',
      before_response_refuse: '200 · called · A stream',
      after_response: '200 · called · nothing',
    },
    {
      fault: 'when a sink has taken the outcome, and not acknowledged it',
      arrange: (scene) => {
        const { world, marker } = scene;
        world.firehose.hooks = {
          persisted: async ({ event }) => {
            if (event.unmapped.phase !== 'outcome') return;
            await callerAnswered(scene);
            world.environments.kill(marker);
          },
        };
      },
      before_forward: '200 · called · A stream · O stream',
      before_response: '200 · called · A stream · O stream',
      before_response_refuse: '200 · called · A stream · O stream',
      after_response: '200 · called · O stream',
    },
  ],
};

function killWhileServiceWorks(scene: Scene): void {
  const { world, marker } = scene;
  world.service.behave = async (): Promise<ServiceBehaviour> => {
    await attemptAcknowledged(scene);
    world.environments.kill(marker);
    return 'hangs';
  };
}

function hasAttempt({ guarantee }: Scene): boolean {
  return guarantee !== 'after_response';
}

async function attemptAcknowledged(scene: Scene): Promise<void> {
  if (!hasAttempt(scene)) return;
  const { world, marker } = scene;
  const acknowledged = (): boolean =>
    world.firehose.writes.some(
      ({ event, acknowledged }) => acknowledged !== undefined && markerOfEvent(event) === marker,
    );
  await until('the attempt is acknowledged', acknowledged);
}

/** Under BEFORE_FORWARD it is not called yet. */
async function serviceCalled({ world, guarantee, marker }: Scene): Promise<void> {
  if (guarantee === 'before_forward') return;
  await until('the service is called', () => world.service.calls.some((call) => call.marker === marker));
}

async function callerAnswered({ world, marker }: Scene): Promise<void> {
  await until('the caller is answered', () => world.seen.has(marker));
}
