import { Bucket } from '../../../lambda/sealer/aws/bucket';
import { s3Client } from '../../support/s3-client';
import { S3Server } from '../../support/s3-server';

/** A bucket that AWS's own client talks to over HTTP. */
export async function bucketOnServer(): Promise<{ readonly s3: S3Server; readonly bucket: Bucket }> {
  const s3 = await S3Server.start();
  const client = s3Client(s3);
  return { s3, bucket: new Bucket(client, 'trail') };
}
