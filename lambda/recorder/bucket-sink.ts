import { createHash } from 'node:crypto';
import type { SealedEvent } from '../../lib/event/chain';
import { fallbackKey } from '../../lib/event/keys';
import type { SignedRequests } from './aws/signed-requests';
import { SinkError, type Sink } from './sink';

/**
 * The fallback: puts an event into the locked bucket directly, as an object of its own under `fallback/`.
 *
 * @see https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutObject.html
 */
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
    const body = Buffer.from(line + '\n');
    const { status, body: answer } = await this.requests.send(
      {
        method: 'PUT',
        url: `${this.endpoint}/${encodedKey(fallbackKey(event.time, uid))}`,
        headers: {
          'content-type': 'application/json',
          // A bucket with retention takes no object without a checksum.
          'x-amz-checksum-sha256': createHash('sha256').update(body).digest('base64'),
          // Written once: a second version would hide the first.
          'if-none-match': '*',
        },
        body,
      },
      signal,
    );
    // 412: it is there already, from a try whose acknowledgement was lost. Nobody else knows the uid.
    if (status === 200 || status === 412) return;
    const code = /<Code>([^<]{1,100})<\/Code>/.exec(answer.toString())?.[1] ?? `status ${status}`;
    throw new SinkError(code, !isPassing(status, code));
  }
}

/** 409 is a race with another write to the same key: the next try finds it there. */
function isPassing(status: number, code: string): boolean {
  return status >= 500 || status === 409 || status === 408 || status === 429 || /SlowDown|RequestTimeout$/.test(code);
}

/** Percent-encoded as S3's signature asks for: everything but unreserved characters and the slashes between parts. */
function encodedKey(key: string): string {
  return key.split('/').map(encodeURIComponent).join('/');
}
