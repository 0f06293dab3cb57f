import { CloudWatchLogsClient, FilterLogEventsCommand } from '@aws-sdk/client-cloudwatch-logs';
import { FirehoseClient, PutRecordBatchCommand } from '@aws-sdk/client-firehose';
import {
  GetObjectCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import { createHash } from 'node:crypto';
import { s3Options, type ClientOptions } from '../../aws/client-options';
import { serviceError } from '../../aws/service-error';
import type { LogMessages, LogPage, LogRequest, RecordBatches, TrailBucket } from './services';

/** @see https://docs.aws.amazon.com/firehose/latest/APIReference/API_PutRecordBatch.html */
export class FirehoseBatches implements RecordBatches {
  constructor(private readonly client: Pick<FirehoseClient, 'send'>) {}

  static of(options: ClientOptions): FirehoseBatches {
    return new FirehoseBatches(new FirehoseClient(options));
  }

  async putBatch(stream: string, records: readonly Uint8Array[]): Promise<(string | undefined)[]> {
    const Records = records.map((Data) => ({ Data }));
    const { RequestResponses = [] } = await this.client
      .send(new PutRecordBatchCommand({ DeliveryStreamName: stream, Records }))
      .catch(serviceError(`delivery stream ${stream}`));
    // FailedPutCount only counts them. A record without an id was not taken, whatever else is said of it.
    return records.map((_, i) => {
      const { RecordId, ErrorCode } = RequestResponses[i] ?? {};
      return RecordId === undefined ? (ErrorCode ?? 'no record id') : undefined;
    });
  }
}

/** @see https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_FilterLogEvents.html */
export class FilteredLogs implements LogMessages {
  constructor(private readonly client: Pick<CloudWatchLogsClient, 'send'>) {}

  static of(options: ClientOptions): FilteredLogs {
    return new FilteredLogs(new CloudWatchLogsClient(options));
  }

  async page({ logGroup, pattern, since, until, token }: LogRequest): Promise<LogPage> {
    const { events = [], nextToken } = await this.client
      .send(
        new FilterLogEventsCommand({
          logGroupName: logGroup,
          filterPattern: pattern,
          startTime: since,
          endTime: until,
          nextToken: token,
        }),
      )
      .catch(serviceError(`log group ${logGroup}`));
    return {
      messages: events.map(({ message = '', logStreamName = '' }) => ({ message, stream: logStreamName })),
      next: nextToken,
    };
  }
}

/** The trail's bucket by S3's own API. */
export class S3TrailBucket implements TrailBucket {
  constructor(
    private readonly client: Pick<S3Client, 'send'>,
    readonly name: string,
  ) {}

  static of(name: string, options: ClientOptions): S3TrailBucket {
    return new S3TrailBucket(new S3Client(s3Options(options)), name);
  }

  async *keys(prefix: string): AsyncIterable<string> {
    let ContinuationToken: string | undefined;
    do {
      const page = await this.client
        .send(new ListObjectsV2Command({ Bucket: this.name, Prefix: prefix, ContinuationToken }))
        .catch(serviceError(this.at(prefix)));
      for (const { Key } of page.Contents ?? []) if (Key !== undefined) yield Key;
      ContinuationToken = page.NextContinuationToken;
    } while (ContinuationToken !== undefined);
  }

  async *bytes(key: string): AsyncIterable<Uint8Array> {
    const { Body } = await this.client
      .send(new GetObjectCommand({ Bucket: this.name, Key: key }))
      .catch(serviceError(this.at(key)));
    if (Body !== undefined) yield* Body as unknown as AsyncIterable<Uint8Array>;
  }

  async putNew(key: string, bytes: Uint8Array): Promise<boolean> {
    try {
      await this.client.send(
        new PutObjectCommand({
          Bucket: this.name,
          Key: key,
          Body: bytes,
          ContentType: 'application/json',
          // A bucket with retention takes no object without a checksum.
          ChecksumSHA256: createHash('sha256').update(bytes).digest('base64'),
          IfNoneMatch: '*',
        }),
      );
      return true;
    } catch (error) {
      if ((error as Error).name === 'PreconditionFailed') return false;
      return serviceError(this.at(key))(error);
    }
  }

  async sha256(key: string): Promise<string | undefined> {
    const { ChecksumSHA256 } = await this.client
      .send(new HeadObjectCommand({ Bucket: this.name, Key: key, ChecksumMode: 'ENABLED' }))
      .catch(serviceError(this.at(key)));
    return ChecksumSHA256;
  }

  private at(key: string): string {
    return `s3://${this.name}/${key}`;
  }
}
