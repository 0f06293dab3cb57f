import type { ServiceBehaviour } from '../service';
import { until } from '../until';
import type { FaultGroup } from './row';

export const serviceFaults: FaultGroup = {
  title: 'The service and the client',
  rows: [
    {
      fault: 'the service breaks off in the middle of its answer',
      arrange: ({ world }) => {
        world.service.behave = () => 'crashes';
      },
      before_forward: '502 upstream_reset · called · A stream · O stream',
      before_response: '502 upstream_reset · called · A stream · O stream',
      before_response_refuse: '502 upstream_reset · called · A stream · O stream',
      after_response: '502 upstream_reset · called · O stream',
    },
    {
      fault: 'the service hangs up without an answer',
      arrange: ({ world }) => {
        world.service.behave = () => 'hangs_up';
      },
      before_forward: '502 upstream_reset · called · A stream · O stream',
      before_response: '502 upstream_reset · called · A stream · O stream',
      before_response_refuse: '502 upstream_reset · called · A stream · O stream',
      after_response: '502 upstream_reset · called · O stream',
    },
    {
      fault: 'the service never answers',
      arrange: ({ world }) => {
        world.service.behave = () => 'hangs';
      },
      before_forward: '504 upstream_timeout · called · A stream · O stream',
      before_response: '504 upstream_timeout · called · A stream · O stream',
      before_response_refuse: '504 upstream_timeout · called · A stream · O stream',
      after_response: '504 upstream_timeout · called · O stream',
    },
    {
      fault: 'the service refuses connections',
      serviceIsDown: true,
      before_forward: '502 upstream_unreachable · not called · A stream · O stream',
      before_response: '502 upstream_unreachable · not called · A stream · O stream',
      before_response_refuse: '502 upstream_unreachable · not called · A stream · O stream',
      after_response: '502 upstream_unreachable · not called · O stream',
    },
    {
      fault: 'the service breaks off, and no sink takes anything',
      recording: { hedgeDelayMs: 60, limitMs: 400 },
      arrange: ({ world }) => {
        world.service.behave = () => 'crashes';
        for (const endpoint of [world.firehose, world.bucket]) endpoint.hooks = { decide: () => 'error' };
      },
      before_forward: '503 unrecorded · not called · A log · O log',
      before_response: '502 upstream_reset · called · A log · O log',
      before_response_refuse: '503 unrecorded · called · A log · O log',
      after_response: '502 upstream_reset · called · O log',
    },
    {
      fault: 'the client goes away while the service works',
      arrange: ({ world, marker, abandon }) => {
        world.service.behave = async (): Promise<ServiceBehaviour> => {
          abandon();
          await until('the client is gone', () => world.seen.has(marker));
          return 'answers';
        };
      },
      before_forward: 'gone · called · A stream · O stream',
      before_response: 'gone · called · A stream · O stream',
      before_response_refuse: 'gone · called · A stream · O stream',
      after_response: 'gone · called · O stream',
    },
  ],
};
