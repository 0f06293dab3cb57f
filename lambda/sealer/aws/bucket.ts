import {
  GetObjectCommand,
  ListObjectVersionsCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  S3ServiceException,
  type S3Client,
} from '@aws-sdk/client-s3';
import { createHash } from 'node:crypto';
import type { Readable } from 'node:stream';

/** An object as it is asked for. */
export interface BucketObject {
  readonly bytes: Readable;
  readonly size: number;
  readonly etag: string;
}

/** A version in a listing. */
export interface ListedVersion {
  readonly key: string;
  readonly versionId: string;
  /** Epoch milliseconds. */
  readonly lastModified: number;
}

/** What a listing tells of one level of keys. */
export interface BucketLevel {
  readonly versions: ListedVersion[];
  readonly folders: string[];
}

/** What a write may depend on. */
export type PutCondition = { readonly ifNoneMatch: '*' } | { readonly ifMatch: string };

/** One bucket, and the calls to it that sealing makes. */
export class Bucket {
  constructor(
    private readonly client: Pick<S3Client, 'send'>,
    private readonly name: string,
  ) {}

  /**
   * @param versionId default: the current version
   * @param range bytes from the first to the last one, both included
   * @returns undefined if there is no such object or version
   * @see https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetObject.html
   */
  async get(key: string, versionId?: string, range?: readonly [number, number]): Promise<BucketObject | undefined> {
    const Range = range && `bytes=${range[0]}-${range[1]}`;
    try {
      const command = new GetObjectCommand({ Bucket: this.name, Key: key, VersionId: versionId, Range });
      const { Body, ContentLength, ETag } = await this.client.send(command);
      if (Body === undefined || ContentLength === undefined) throw new Error(`S3 gave no body for ${key}`);
      return { bytes: Body as Readable, size: ContentLength, etag: ETag ?? '' };
    } catch (error) {
      // 405: the version is a delete marker.
      if (isAnswer(error, [404, 405])) return undefined;
      throw error;
    }
  }

  /**
   * Writes an object, with a checksum, as a bucket with retention wants it.
   *
   * @returns whether the condition held. A 409, a race with another write, is thrown: the next try knows who won it.
   * @see https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes.html
   */
  async put(key: string, bytes: Uint8Array, contentType: string, condition: PutCondition): Promise<boolean> {
    const command = new PutObjectCommand({
      Bucket: this.name,
      Key: key,
      Body: bytes,
      ContentType: contentType,
      ChecksumSHA256: createHash('sha256').update(bytes).digest('base64'),
      ...('ifMatch' in condition ? { IfMatch: condition.ifMatch } : { IfNoneMatch: '*' }),
    });
    try {
      await this.client.send(command);
      return true;
    } catch (error) {
      // 404: there is nothing that could match.
      if (isAnswer(error, [412]) || ('ifMatch' in condition && isAnswer(error, [404]))) return false;
      throw error;
    }
  }

  /** @see https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListObjectsV2.html */
  async *keys(prefix: string): AsyncGenerator<string[]> {
    for (let token: string | undefined, more = true; more; more = token !== undefined) {
      const command = new ListObjectsV2Command({ Bucket: this.name, Prefix: prefix, ContinuationToken: token });
      const { Contents = [], NextContinuationToken } = await this.client.send(command);
      yield Contents.map(({ Key }) => Key!);
      token = NextContinuationToken;
    }
  }

  /** Whether there is any version or delete marker whose key begins so. */
  async hasHistory(prefix: string): Promise<boolean> {
    const command = new ListObjectVersionsCommand({ Bucket: this.name, Prefix: prefix, MaxKeys: 1 });
    const { Versions = [], DeleteMarkers = [] } = await this.client.send(command);
    return Versions.length + DeleteMarkers.length > 0;
  }

  /**
   * One level of the keys below a prefix, page by page: the versions of keys without a further slash, and what the others
   * begin with up to it, prefix and slash included. Folders in which everything is hidden by delete markers are among them.
   */
  async *level(prefix: string): AsyncGenerator<BucketLevel> {
    yield* this.versionPages(prefix, '/');
  }

  /**
   * Every version of every object below a prefix, page by page; no delete markers.
   *
   * @param after the listing begins after this version. Default: at the beginning
   * @see https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListObjectVersions.html
   */
  async *versions(prefix: string, after?: Pick<ListedVersion, 'key' | 'versionId'>): AsyncGenerator<ListedVersion[]> {
    const marker = after && { KeyMarker: after.key, VersionIdMarker: after.versionId };
    for await (const { versions } of this.versionPages(prefix, undefined, marker)) yield versions;
  }

  private async *versionPages(
    prefix: string,
    delimiter?: string,
    begin: { KeyMarker?: string; VersionIdMarker?: string } = {},
  ): AsyncGenerator<BucketLevel> {
    let marker: typeof begin | undefined = begin;
    while (marker !== undefined) {
      // Encoded: XML cannot hold every character that a key can.
      const command: ListObjectVersionsCommand = new ListObjectVersionsCommand({
        Bucket: this.name,
        Prefix: prefix,
        Delimiter: delimiter,
        EncodingType: 'url',
        ...marker,
      });
      const page = await this.client.send(command);
      yield {
        versions: (page.Versions ?? []).map(({ Key, VersionId, LastModified }) => ({
          key: decoded(Key!),
          versionId: VersionId!,
          lastModified: LastModified!.getTime(),
        })),
        folders: (page.CommonPrefixes ?? []).map(({ Prefix }) => decoded(Prefix!)),
      };
      const { IsTruncated, NextKeyMarker, NextVersionIdMarker } = page;
      marker = IsTruncated ? { KeyMarker: decoded(NextKeyMarker!), VersionIdMarker: NextVersionIdMarker } : undefined;
    }
  }
}

function isAnswer(error: unknown, statuses: readonly number[]): boolean {
  return error instanceof S3ServiceException && statuses.includes(error.$metadata.httpStatusCode ?? 0);
}

function decoded(text: string): string {
  return decodeURIComponent(text.replaceAll('+', ' '));
}
