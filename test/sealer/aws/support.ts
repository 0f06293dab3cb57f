import { S3Client } from '@aws-sdk/client-s3';
import { onTestFinished } from 'vitest';
import { Bucket } from '../../../lambda/sealer/aws/bucket';
import { S3Server } from '../../support/s3-server';

/** A bucket that AWS's own client talks to over HTTP. */
export async function bucketOnServer(): Promise<{ readonly s3: S3Server; readonly bucket: Bucket }> {
  const s3 = await S3Server.start();
  const client = new S3Client({
    endpoint: s3.url,
    region: 'eu-central-1',
    forcePathStyle: true,
    credentials: { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'secret' },
    maxAttempts: 1,
  });
  onTestFinished(() => client.destroy());
  return { s3, bucket: new Bucket(client, 'trail') };
}
