import { putNewObject, type NewObject } from '../../recorder/aws/put-object';
import type { SignedRequests } from '../../recorder/aws/signed-requests';
import type { Sink } from '../../recorder/sink';

/** Puts captured bodies that are too large for their event into the locked bucket. */
export class PayloadSink implements Sink<NewObject> {
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
