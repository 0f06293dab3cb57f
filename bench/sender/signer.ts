import { environmentCredentials } from '../../lambda/recorder/aws/environment-credentials';
import { firehoseEndpoint } from '../../lambda/recorder/aws/endpoints';
import { SignedRequests } from '../../lambda/recorder/aws/signed-requests';
import { FirehoseSink } from '../../lambda/recorder/firehose-sink';
import type { SealedEvent } from '../../lib/event/chain';
import { measure } from './contender';

void measure(async () => {
  const { env } = process;
  const region = env.AWS_REGION ?? '';
  const requests = new SignedRequests({ service: 'firehose', region, credentials: () => environmentCredentials(env) });
  const sink = new FirehoseSink(requests, firehoseEndpoint(region, env), 'events');
  const never = new AbortController().signal;
  return (line) => sink.put({ line } as SealedEvent, never);
});
