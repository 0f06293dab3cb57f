import { DeleteObjectCommand, PutObjectRetentionCommand, S3Client, S3ServiceException } from '@aws-sdk/client-s3';
import { s3Options, type ClientOptions } from './client-options';
import { serviceError } from './service-error';

/** Tries what nobody may do to a version of an object. Give it only versions that may go: if it can, it does. */
export class ForbiddenCalls {
  constructor(
    private readonly client: Pick<S3Client, 'send'>,
    private readonly bucket: string,
  ) {}

  static of(bucket: string, options: ClientOptions): ForbiddenCalls {
    return new ForbiddenCalls(new S3Client({ ...s3Options(options), followRegionRedirects: true }), bucket);
  }

  /** @see https://docs.aws.amazon.com/AmazonS3/latest/API/API_DeleteObject.html */
  delete(key: string, versionId: string): Promise<'denied' | 'done'> {
    return this.attempt(key, new DeleteObjectCommand({ Bucket: this.bucket, Key: key, VersionId: versionId }));
  }

  /**
   * @param until when the lock would end, epoch milliseconds
   * @see https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutObjectRetention.html
   */
  shorten(key: string, versionId: string, until: number): Promise<'denied' | 'done'> {
    return this.attempt(
      key,
      new PutObjectRetentionCommand({
        Bucket: this.bucket,
        Key: key,
        VersionId: versionId,
        Retention: { Mode: 'COMPLIANCE', RetainUntilDate: new Date(until) },
      }),
    );
  }

  private async attempt(
    key: string,
    command: DeleteObjectCommand | PutObjectRetentionCommand,
  ): Promise<'denied' | 'done'> {
    try {
      await this.client.send(command as DeleteObjectCommand);
      return 'done';
    } catch (error) {
      if (error instanceof S3ServiceException && error.name === 'AccessDenied') return 'denied';
      return serviceError(`s3://${this.bucket}/${key}`)(error);
    }
  }
}
