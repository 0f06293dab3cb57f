import type { EndpointAnswer, EndpointProtocol, Write } from './faulty-endpoint';
import type { SignedRequestParts } from './signature-check';

/**
 * S3's PutObject with `If-None-Match: *`, one event an object.
 *
 * @see https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutObject.html
 */
export class BucketProtocol implements EndpointProtocol {
  private readonly keys = new Set<string>();

  read({ method, target, headers, body }: SignedRequestParts): Pick<Write, 'sink' | 'line' | 'key'> {
    const [, bucket, key] = /^\/([^/]+)\/(.+)$/.exec(decodeURIComponent(target)) ?? [];
    if (method !== 'PUT' || key === undefined || headers['if-none-match'] !== '*') {
      throw new Error(`not a put of a new object: ${method} ${target}`);
    }
    return { sink: `s3:${bucket}`, key, line: body.toString().replace(/\n$/, '') };
  }

  persist({ key = '' }: Write): { answer: EndpointAnswer; isNew: boolean } {
    if (this.keys.has(key)) return { answer: failure(412, 'PreconditionFailed'), isNew: false };
    this.keys.add(key);
    return { answer: { status: 200, headers: { ETag: '"etag"' }, body: '' }, isNew: true };
  }

  refuse(fault: 'throttled' | 'error' | 'denied'): EndpointAnswer {
    switch (fault) {
      case 'throttled':
        return failure(503, 'SlowDown');
      case 'error':
        return failure(500, 'InternalError');
      case 'denied':
        return failure(403, 'InvalidAccessKeyId');
    }
  }
}

function failure(status: number, code: string): EndpointAnswer {
  const body = `<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>${code}</Code><Message>no</Message></Error>`;
  return { status, headers: { 'Content-Type': 'application/xml' }, body };
}
