import { CreateBucketCommand, PutObjectLockConfigurationCommand, S3Client } from '@aws-sdk/client-s3';
import { randomUUID } from 'node:crypto';

/** The server that `npm run test:lock` has set up: its address and credentials are in the environment. */
export function connect(): S3Client {
  return new S3Client({ forcePathStyle: true });
}

/** Buckets share one name space, and a locked one stays. */
export function newBucketName(): string {
  return `audit-proxy-test-${randomUUID()}`;
}

/** Makes a bucket in which each object is locked in COMPLIANCE mode for a day, the least that there is. */
export async function makeLockedBucket(client: S3Client, Bucket: string): Promise<void> {
  await client.send(new CreateBucketCommand({ Bucket, ObjectLockEnabledForBucket: true }));
  const DefaultRetention = { Mode: 'COMPLIANCE', Days: 1 } as const;
  const ObjectLockConfiguration = { ObjectLockEnabled: 'Enabled', Rule: { DefaultRetention } } as const;
  await client.send(new PutObjectLockConfigurationCommand({ Bucket, ObjectLockConfiguration }));
}

/** Sends no conditions with its writes: radosgw compares them with something else than the current version. */
export function withoutConditions(client: S3Client): S3Client {
  return changingHeaders(client, (headers) => {
    delete headers['if-match'];
    delete headers['if-none-match'];
  });
}

/** Says of a checksum which it is: moto asks for that where objects are locked, while S3 takes the checksum alone. */
export function namingChecksum(client: S3Client): S3Client {
  return changingHeaders(client, (headers) => {
    if ('x-amz-checksum-sha256' in headers) headers['x-amz-sdk-checksum-algorithm'] = 'SHA256';
  });
}

function changingHeaders(client: S3Client, change: (headers: Record<string, string>) => void): S3Client {
  client.middlewareStack.add(
    (next) => (args) => {
      change((args.request as { readonly headers: Record<string, string> }).headers);
      return next(args);
    },
    { step: 'build', name: 'changingHeaders' },
  );
  return client;
}

/** The name with which S3 refuses a call; undefined if it does not. */
export async function refusalOf(call: Promise<unknown>): Promise<string | undefined> {
  try {
    await call;
    return undefined;
  } catch (error) {
    const { name, $metadata } = error as { readonly name: string; readonly $metadata?: { httpStatusCode?: number } };
    // That nobody answered is no refusal.
    if ($metadata?.httpStatusCode === undefined || $metadata.httpStatusCode >= 500) throw error;
    return name;
  }
}
