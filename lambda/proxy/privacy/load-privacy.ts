import { Pseudonyms } from '../../../lib/event/privacy/pseudonym';
import type { ProxySettings } from '../../../lib/routing/proxy-settings';
import { bucketEndpoint } from '../../recorder/aws/endpoints';
import { environmentCredentials } from '../../recorder/aws/environment-credentials';
import { SignedRequests } from '../../recorder/aws/signed-requests';
import { systemClock } from '../../recorder/clock';
import { ObjectSink } from '../../recorder/object-sink';
import { RetryingSink } from '../../recorder/retrying-sink';
import { readSecret } from '../secrets/read-secret';
import { Privacy } from './privacy';

type Environment = Readonly<Record<string, string | undefined>>;

/** @throws Error if the key for pseudonyms cannot be had: without it values would be written that must not be */
export async function loadPrivacy(settings: ProxySettings, environment: Environment): Promise<Privacy> {
  const { routes, pseudonymKey, fallbackBucket, recordingLimitMs } = settings;
  const region = environment.AWS_REGION ?? '';
  const s3 = new SignedRequests({ service: 's3', region, credentials: () => environmentCredentials(environment) });
  const bucket = new ObjectSink(s3, bucketEndpoint(fallbackBucket, region, environment), fallbackBucket);
  const retry = { clock: systemClock, random: Math.random, tryLimitMs: recordingLimitMs / 2 };
  return new Privacy(routes, {
    pseudonyms: pseudonymKey === undefined ? undefined : new Pseudonyms(await readSecret(pseudonymKey, environment)),
    payloads: new RetryingSink([bucket], retry),
    clock: systemClock,
  });
}
