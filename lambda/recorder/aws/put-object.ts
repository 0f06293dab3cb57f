import { createHash } from 'node:crypto';
import { SinkError } from '../sink';
import type { SignedRequests } from './signed-requests';

/** An object to be put into the trail's bucket. */
export interface NewObject {
  readonly key: string;
  readonly contentType: string;
  readonly body: Buffer;
}

/**
 * Puts an object under a key that is its alone: by the uid of an event, or by the hash of what is in it. So one that is there
 * already is the same.
 *
 * @param endpoint base URL of the bucket
 * @throws SinkError if the bucket did not take it
 * @see https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutObject.html
 */
export async function putNewObject(
  requests: Pick<SignedRequests, 'send'>,
  endpoint: string,
  { key, contentType, body }: NewObject,
  signal: AbortSignal,
): Promise<void> {
  const { status, body: answer } = await requests.send(
    {
      method: 'PUT',
      url: `${endpoint}/${encodedKey(key)}`,
      headers: {
        'content-type': contentType,
        // A bucket with retention takes no object without a checksum.
        'x-amz-checksum-sha256': createHash('sha256').update(body).digest('base64'),
        // Written once: a second version would hide the first.
        'if-none-match': '*',
      },
      body,
    },
    signal,
  );
  // 412: it is there already, be it from a try whose acknowledgement was lost.
  if (status === 200 || status === 412) return;
  const code = /<Code>([^<]{1,100})<\/Code>/.exec(answer.toString())?.[1] ?? `status ${status}`;
  throw new SinkError(code, !isPassing(status, code));
}

/** 409 is a race with another write to the same key: the next try finds it there. */
function isPassing(status: number, code: string): boolean {
  return status >= 500 || status === 409 || status === 408 || status === 429 || /SlowDown|RequestTimeout$/.test(code);
}

/** Percent-encoded as S3's signature asks for: everything but unreserved characters and the slashes between parts. */
function encodedKey(key: string): string {
  return key.split('/').map(encodeURIComponent).join('/');
}
