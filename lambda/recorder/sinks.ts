import type { ProxySettings } from '../../lib/routing/proxy-settings';
import { bucketEndpoint, firehoseEndpoint } from './aws/endpoints';
import { environmentCredentials } from './aws/environment-credentials';
import { SignedRequests } from './aws/signed-requests';
import { BucketSink } from './bucket-sink';
import type { Clock } from './clock';
import { FirehoseSink } from './firehose-sink';
import { HedgedSink } from './hedged-sink';
import { ObjectSink } from './object-sink';
import { RetryingSink } from './retrying-sink';
import type { Sink } from './sink';

type SinkSettings = Pick<ProxySettings, 'deliveryStreams' | 'fallbackBucket' | 'hedgeDelayMs' | 'recordingLimitMs'>;

/**
 * The sink of a function environment: the delivery streams, hedged by the locked bucket.
 *
 * @param environment the function's environment variables: region, credentials, endpoints
 * @throws Error if there is no region
 */
export function sinkOf(
  settings: SinkSettings,
  environment: Readonly<Record<string, string | undefined>>,
  clock: Clock,
  random: () => number,
): Sink {
  const { deliveryStreams, fallbackBucket, hedgeDelayMs, recordingLimitMs } = settings;
  const region = environment.AWS_REGION;
  if (!region) throw new Error('AWS_REGION is not set');
  const credentials = () => environmentCredentials(environment);

  const firehose = new SignedRequests({ service: 'firehose', region, credentials });
  const endpoint = firehoseEndpoint(region, environment);
  const streams = deliveryStreams.map((name) => new FirehoseSink(firehose, endpoint, name));

  const s3 = new SignedRequests({ service: 's3', region, credentials });
  const bucket = new BucketSink(
    new ObjectSink(s3, bucketEndpoint(fallbackBucket, region, environment), fallbackBucket),
  );

  // A try that hangs must leave time for the next one.
  const retry = { clock, random, tryLimitMs: recordingLimitMs / 3 };
  return new HedgedSink(new RetryingSink(streams, retry), new RetryingSink([bucket], retry), {
    clock,
    delayMs: hedgeDelayMs,
  });
}
