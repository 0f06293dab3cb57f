import type { EndpointFault, FaultyEndpoint } from '../../support/faulty-endpoint';
import type { FaultGroup, FaultRow } from './row';

/** Both sinks are tried; what hangs is not waited for long. */
const QUICK = { hedgeDelayMs: 60, limitMs: 2_500 };
/** Nothing is expected to come in time. */
const SHORT = { hedgeDelayMs: 60, limitMs: 400 };

const firehose = (fault: EndpointFault): Pick<FaultRow, 'recording' | 'arrange'> => ({
  recording: QUICK,
  arrange: ({ world }) => fail(world.firehose, fault),
});

const both = (streams: EndpointFault, bucket: EndpointFault): Pick<FaultRow, 'recording' | 'arrange'> => ({
  recording: SHORT,
  arrange: ({ world }) => {
    fail(world.firehose, streams);
    fail(world.bucket, bucket);
  },
});

const ALL_IN_STREAM = {
  before_forward: '200 · called · A stream · O stream',
  before_response: '200 · called · A stream · O stream',
  before_response_refuse: '200 · called · A stream · O stream',
  after_response: '200 · called · O stream',
};

const ALL_IN_BUCKET = {
  before_forward: '200 · called · A bucket · O bucket',
  before_response: '200 · called · A bucket · O bucket',
  before_response_refuse: '200 · called · A bucket · O bucket',
  after_response: '200 · called · O bucket',
};

const ALL_IN_BOTH = {
  before_forward: '200 · called · A stream + bucket · O stream + bucket',
  before_response: '200 · called · A stream + bucket · O stream + bucket',
  before_response_refuse: '200 · called · A stream + bucket · O stream + bucket',
  after_response: '200 · called · O stream + bucket',
};

const NOTHING_TAKEN = {
  before_forward: '503 unrecorded · not called · A log · O log',
  before_response: '200 · called · A log · O log',
  before_response_refuse: '503 unrecorded · called · A log · O log',
  after_response: '200 · called · O log',
};

export const sinkFaults: FaultGroup = {
  title: 'The sinks',
  rows: [
    { fault: 'none', ...ALL_IN_STREAM },
    {
      fault: 'one stream of three throttles',
      arrange: ({ world }) => {
        world.firehose.hooks = { decide: ({ sink }) => (sink === 'firehose:events-1' ? 'throttled' : undefined) };
      },
      ...ALL_IN_STREAM,
    },
    { fault: 'Firehose throttles', ...firehose('throttled'), ...ALL_IN_BUCKET },
    {
      fault: 'Firehose is slow',
      recording: QUICK,
      arrange: ({ world }) => {
        fail(world.firehose, 'slow');
        // The bucket takes a moment too: once both are asked at once, its answer must not cut off what is on its way.
        fail(world.bucket, 'slow');
        world.bucket.slowMs = 100;
      },
      ...ALL_IN_BOTH,
    },
    { fault: 'Firehose hangs', ...firehose('hung'), ...ALL_IN_BUCKET },
    {
      fault: 'Firehose resets in the middle of a request',
      recording: QUICK,
      arrange: ({ world }) => {
        world.firehose.hooks = { breaksOff: () => true };
      },
      ...ALL_IN_BUCKET,
    },
    { fault: 'Firehose resets before it has taken the event', ...firehose('reset'), ...ALL_IN_BUCKET },
    { fault: 'Firehose resets after it has taken the event', ...firehose('reset_after'), ...ALL_IN_BOTH },
    { fault: 'Firehose answers 5xx', ...firehose('error'), ...ALL_IN_BUCKET },
    { fault: 'Firehose refuses the credentials', ...firehose('denied'), ...ALL_IN_BUCKET },
    {
      fault: 'the name of Firehose cannot be resolved',
      recording: QUICK,
      endpoints: () => ({ firehose: 'http://firehose.invalid' }),
      ...ALL_IN_BUCKET,
    },
    {
      fault: 'Firehose refuses connections',
      recording: QUICK,
      endpoints: (closedPort) => ({ firehose: `http://127.0.0.1:${closedPort}` }),
      ...ALL_IN_BUCKET,
    },
    {
      fault: 'S3 is down, Firehose is well',
      arrange: ({ world }) => fail(world.bucket, 'error'),
      ...ALL_IN_STREAM,
    },
    {
      fault: 'Firehose is down; S3 resets after it has taken the event',
      recording: QUICK,
      arrange: ({ world }) => {
        fail(world.firehose, 'error');
        failOnce(world.bucket, 'reset_after');
      },
      ...ALL_IN_BUCKET,
    },
    { fault: 'Firehose and S3 throttle', ...both('throttled', 'throttled'), ...NOTHING_TAKEN },
    { fault: 'Firehose and S3 hang', ...both('hung', 'hung'), ...NOTHING_TAKEN },
    { fault: 'Firehose and S3 reset', ...both('reset', 'reset'), ...NOTHING_TAKEN },
    { fault: 'Firehose and S3 answer 5xx', ...both('error', 'error'), ...NOTHING_TAKEN },
    { fault: 'Firehose and S3 refuse the credentials', ...both('denied', 'denied'), ...NOTHING_TAKEN },
    {
      fault: 'neither name can be resolved',
      recording: SHORT,
      endpoints: () => ({ firehose: 'http://firehose.invalid', s3: 'http://s3.invalid' }),
      ...NOTHING_TAKEN,
    },
    {
      fault: 'Firehose resets after it has taken the event; S3 is down',
      ...both('reset_after', 'error'),
      before_forward: '503 unrecorded · not called · A stream + log · O stream + log',
      before_response: '200 · called · A stream + log · O stream + log',
      before_response_refuse: '503 unrecorded · called · A stream + log · O stream + log',
      after_response: '200 · called · O stream + log',
    },
  ],
};

function fail(endpoint: FaultyEndpoint, fault: EndpointFault): void {
  endpoint.hooks = { decide: () => fault };
}

/** The first try for each event fails, the next ones do not. */
function failOnce(endpoint: FaultyEndpoint, fault: EndpointFault): void {
  const tried = new Set<string>();
  endpoint.hooks = {
    decide: ({ uid }) => {
      if (tried.has(uid)) return undefined;
      tried.add(uid);
      return fault;
    },
  };
}
