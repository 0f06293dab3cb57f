import type { SealedEvent } from '../../lib/event/chain';
import { fallbackKey } from '../../lib/event/keys';
import { putNewObject } from './aws/put-object';
import type { SignedRequests } from './aws/signed-requests';
import type { Sink } from './sink';

/** The fallback: puts an event into the locked bucket directly, as an object of its own under `fallback/`. */
export class BucketSink implements Sink {
  readonly name: string;

  /** @param endpoint base URL of the bucket */
  constructor(
    private readonly requests: Pick<SignedRequests, 'send'>,
    private readonly endpoint: string,
    bucket: string,
  ) {
    this.name = `s3:${bucket}`;
  }

  async put({ event, uid, line }: SealedEvent, signal: AbortSignal): Promise<void> {
    const object = {
      key: fallbackKey(event.time, uid),
      contentType: 'application/json',
      body: Buffer.from(line + '\n'),
    };
    await putNewObject(this.requests, this.endpoint, object, signal);
  }
}
