import { S3Client } from '@aws-sdk/client-s3';
import { onTestFinished } from 'vitest';
import type { S3Server } from './s3-server';

/** AWS's own client for a server on this machine, gone when the test is. It tries everything once. */
export function s3Client({ url }: Pick<S3Server, 'url'>): S3Client {
  const client = new S3Client({
    endpoint: url,
    region: 'eu-central-1',
    forcePathStyle: true,
    credentials: { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'secret' },
    maxAttempts: 1,
  });
  onTestFinished(() => client.destroy());
  return client;
}
