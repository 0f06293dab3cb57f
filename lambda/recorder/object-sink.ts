import { putNewObject, type NewObject } from './aws/put-object';
import type { SignedRequests } from './aws/signed-requests';
import type { Sink } from './sink';

/** Puts objects into the locked bucket. One that is there already is as good: who names it so knows what is in it. */
export class ObjectSink implements Sink<NewObject> {
  readonly name: string;

  /** @param endpoint base URL of the bucket */
  constructor(
    private readonly requests: Pick<SignedRequests, 'send'>,
    private readonly endpoint: string,
    bucket: string,
  ) {
    this.name = `s3:${bucket}`;
  }

  async put(object: NewObject, signal: AbortSignal): Promise<void> {
    await putNewObject(this.requests, this.endpoint, object, signal);
  }
}
