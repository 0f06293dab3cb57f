import { createHash } from 'node:crypto';
import type http from 'node:http';
import { FALLBACK_PREFIX, PAYLOADS_PREFIX } from '../../../lib/event/keys';
import type { NewObjectStore } from '../locked-folder';
import { readBody } from './body';
import { accessDenied, S3Error, slowDown } from './s3-error';
import { checkSignature } from './s3-signature';

/** Most bytes of an object: more than any event can have, as a function is invoked with 6 MB at most. */
export const MAX_OBJECT_BYTES = 16 * 1024 * 1024;

export interface ObjectPutParts {
  readonly bucket: string;
  readonly store: NewObjectStore;
}

/** What S3 says of an object that it has stored. */
export interface StoredObject {
  /** Quoted, as the header is. */
  readonly etag: string;
  /** SHA-256 in base64, as S3 repeats it. */
  readonly checksum: string;
}

/**
 * S3's PutObject, as far as the trail's bucket takes it of a function: under `fallback/` and `payloads/`, with a SHA-256, to
 * a key that nobody has written yet. Stored durably before it is answered.
 *
 * @throws S3Error
 * @see https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutObject.html
 */
export async function putObject(request: http.IncomingMessage, parts: ObjectPutParts): Promise<StoredObject> {
  checkSignature(request.headers);
  const key = keyOf(request, parts.bucket);
  const expected = checkHeaders(request.headers);
  const bytes = await readBody(request, MAX_OBJECT_BYTES);
  if (bytes === undefined) throw tooLarge();
  checkDigests(bytes, expected);
  if (!(await stored(key, bytes, parts.store))) {
    const message = 'At least one of the pre-conditions you specified did not hold';
    throw new S3Error(412, 'PreconditionFailed', message);
  }
  return { etag: `"${createHash('md5').update(bytes).digest('hex')}"`, checksum: expected.checksum };
}

/** The keys that the bucket's policy lets functions write; so narrow that no key leads out of the folder. */
const PARTITION = 'dt=\\d{4}-\\d{2}-\\d{2}/hour=\\d{2}/';
const KEY = new RegExp(
  `^(?:${FALLBACK_PREFIX}${PARTITION}[A-Za-z0-9][A-Za-z0-9_-]{0,200}\\.json|${PAYLOADS_PREFIX}${PARTITION}[0-9a-f]{64})$`,
);

/** Path style, as the SDK is told to use by an endpoint that is no host of S3's: `/bucket/key?x-id=PutObject`. */
function keyOf(request: http.IncomingMessage, bucket: string): string {
  const [path = '', query = ''] = (request.url ?? '').split('?', 2);
  if (request.method !== 'PUT' || !(query === '' || query === 'x-id=PutObject')) {
    throw notImplemented('Of S3 there is PutObject only.');
  }
  const [, name = '', key = ''] = /^\/([^/]*)\/(.*)$/.exec(decoded(path)) ?? [];
  if (name !== bucket) throw new S3Error(404, 'NoSuchBucket', 'The specified bucket does not exist');
  if (!KEY.test(key)) throw accessDenied();
  return key;
}

function decoded(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    throw new S3Error(400, 'InvalidURI', "Couldn't parse the specified URI.");
  }
}

interface Expected {
  /** Of x-amz-content-sha256: SHA-256 in hex. */
  readonly contentSha256: string;
  /** Of x-amz-checksum-sha256: SHA-256 in base64. */
  readonly checksum: string;
}

/** What can be told before the body is read. */
function checkHeaders(headers: http.IncomingHttpHeaders): Expected {
  // Retention is the bucket's to set: its policy denies s3:PutObjectRetention.
  if (Object.keys(headers).some((name) => name.startsWith('x-amz-object-lock-'))) throw accessDenied();
  // Without it S3 would store another version; a folder has none.
  if (headers['if-none-match'] !== '*') throw notImplemented('Objects are stored with If-None-Match: * only.');
  const contentSha256 = headers['x-amz-content-sha256'];
  if (typeof contentSha256 !== 'string' || !/^[0-9a-f]{64}$/.test(contentSha256)) {
    throw new S3Error(400, 'InvalidArgument', 'x-amz-content-sha256 must be a valid sha256 value.');
  }
  const checksum = headers['x-amz-checksum-sha256'];
  if (checksum === undefined) {
    const message = 'x-amz-checksum-sha256 is required for Put Object requests to a bucket with Object Lock';
    throw new S3Error(400, 'InvalidRequest', message);
  }
  if (typeof checksum !== 'string' || !/^[A-Za-z0-9+/]{43}=$/.test(checksum)) {
    throw new S3Error(400, 'InvalidRequest', 'Value for x-amz-checksum-sha256 header is invalid.');
  }
  const length = headers['content-length'];
  if (length === undefined) {
    throw new S3Error(411, 'MissingContentLength', 'You must provide the Content-Length HTTP header.');
  }
  if (Number(length) > MAX_OBJECT_BYTES) throw tooLarge();
  return { contentSha256, checksum };
}

function checkDigests(bytes: Buffer, { contentSha256, checksum }: Expected): void {
  const digest = createHash('sha256').update(bytes).digest();
  if (digest.toString('hex') !== contentSha256) {
    const message = "The provided 'x-amz-content-sha256' header does not match what was computed.";
    throw new S3Error(400, 'XAmzContentSHA256Mismatch', message);
  }
  if (digest.toString('base64') !== checksum) {
    throw new S3Error(400, 'BadDigest', 'The SHA256 you specified did not match the calculated checksum.');
  }
}

/** A folder that fails is as good as a bucket that is overloaded: the caller may try again. */
async function stored(key: string, bytes: Buffer, store: NewObjectStore): Promise<boolean> {
  try {
    return await store.putNew(key, bytes);
  } catch (cause) {
    throw Object.assign(slowDown(), { cause });
  }
}

function tooLarge(): S3Error {
  return new S3Error(400, 'EntityTooLarge', 'Your proposed upload exceeds the maximum allowed size');
}

function notImplemented(detail: string): S3Error {
  return new S3Error(501, 'NotImplemented', `${detail} What you asked for is not implemented.`);
}
