import {
  GetObjectCommand,
  GetObjectLockConfigurationCommand,
  GetObjectRetentionCommand,
  ListObjectVersionsCommand,
  S3Client,
  S3ServiceException,
  type GetObjectCommandOutput,
  type ListObjectVersionsCommandOutput,
} from '@aws-sdk/client-s3';
import { s3Options, type ClientOptions } from './client-options';
import { serviceError } from './service-error';
import type { BucketLevel, BucketObject, BucketVersion, VersionedBucket, VersionLock } from './versioned-bucket';

const DAY_MS = 86_400_000;
const DAYS_OF_YEAR = 365;

/** How often a download goes on where its connection broke. */
const RESUMED = 3;

const NO_LOCK: VersionLock = { mode: undefined, retainUntil: undefined };

/** A bucket by S3's own API. */
export class S3VersionedBucket implements VersionedBucket {
  constructor(
    private readonly client: Pick<S3Client, 'send'>,
    readonly name: string,
  ) {}

  static of(name: string, options: ClientOptions): S3VersionedBucket {
    // Who names a bucket need not know its region.
    return new S3VersionedBucket(new S3Client({ ...s3Options(options), followRegionRedirects: true }), name);
  }

  async level(prefix: string): Promise<BucketLevel> {
    const folders: string[] = [];
    const versions: BucketVersion[] = [];
    for await (const page of this.pages(prefix, '/')) {
      folders.push(...(page.CommonPrefixes ?? []).map(({ Prefix }) => decoded(Prefix!)));
      versions.push(...versionsOn(page));
    }
    return { folders, versions };
  }

  async *versions(prefix: string): AsyncGenerator<BucketVersion> {
    for await (const page of this.pages(prefix)) yield* versionsOn(page);
  }

  /** @see https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListObjectVersions.html */
  private async *pages(prefix: string, delimiter?: string): AsyncGenerator<ListObjectVersionsCommandOutput> {
    let marker: { KeyMarker?: string; VersionIdMarker?: string } | undefined = {};
    while (marker !== undefined) {
      const command: ListObjectVersionsCommand = new ListObjectVersionsCommand({
        Bucket: this.name,
        Prefix: prefix,
        Delimiter: delimiter,
        // XML cannot hold every character that a key can.
        EncodingType: 'url',
        ...marker,
      });
      const page: ListObjectVersionsCommandOutput = await this.client
        .send(command)
        .catch(serviceError(this.at(prefix), 's3:ListBucketVersions'));
      yield page;
      const { IsTruncated, NextKeyMarker, NextVersionIdMarker } = page;
      marker = IsTruncated ? { KeyMarker: decoded(NextKeyMarker!), VersionIdMarker: NextVersionIdMarker } : undefined;
    }
  }

  async get(key: string, versionId?: string): Promise<BucketObject | undefined> {
    const object = await this.open(key, versionId);
    if (object === undefined) return undefined;
    const { ObjectLockMode, ObjectLockRetainUntilDate } = object;
    return {
      bytes: this.bytes(key, versionId, object),
      lock: { mode: ObjectLockMode, retainUntil: ObjectLockRetainUntilDate?.getTime() },
    };
  }

  /** @see https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetObject.html */
  private async open(key: string, versionId?: string, from?: number): Promise<GetObjectCommandOutput | undefined> {
    const Range = from === undefined ? undefined : `bytes=${from}-`;
    try {
      return await this.client.send(new GetObjectCommand({ Bucket: this.name, Key: key, VersionId: versionId, Range }));
    } catch (error) {
      if (isAbsence(error)) return undefined;
      const action = versionId === undefined ? 's3:GetObject' : 's3:GetObjectVersion';
      return serviceError(this.at(key), `${action}, and kms:Decrypt with the bucket's key`)(error);
    }
  }

  private async *bytes(
    key: string,
    versionId: string | undefined,
    first: GetObjectCommandOutput,
  ): AsyncGenerator<Uint8Array> {
    let object: GetObjectCommandOutput | undefined = first;
    let read = 0;
    for (let resumed = 0; object !== undefined; resumed += 1) {
      try {
        for await (const chunk of (object.Body ?? []) as AsyncIterable<Uint8Array>) {
          read += chunk.length;
          yield chunk;
        }
        return;
      } catch (error) {
        // A current version may be another one by now, of which the rest would be wrong.
        if (versionId === undefined || resumed >= RESUMED) return serviceError(this.at(key))(error);
      }
      object = await this.open(key, versionId, read);
    }
    return serviceError(this.at(key))(new Error('it went away while it was read'));
  }

  /** @see https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetObjectRetention.html */
  async lock(key: string, versionId: string): Promise<VersionLock> {
    try {
      const command = new GetObjectRetentionCommand({ Bucket: this.name, Key: key, VersionId: versionId });
      const { Retention } = await this.client.send(command);
      return { mode: Retention?.Mode, retainUntil: Retention?.RetainUntilDate?.getTime() };
    } catch (error) {
      if (isAbsence(error) || isWithoutLocks(error)) return NO_LOCK;
      return serviceError(this.at(key), 's3:GetObjectRetention')(error);
    }
  }

  /** @see https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetObjectLockConfiguration.html */
  async defaultRetention(): Promise<number | undefined> {
    try {
      const command = new GetObjectLockConfigurationCommand({ Bucket: this.name });
      const { ObjectLockConfiguration } = await this.client.send(command);
      const { Days, Years } = ObjectLockConfiguration?.Rule?.DefaultRetention ?? {};
      const days = Days ?? (Years === undefined ? undefined : Years * DAYS_OF_YEAR);
      return days === undefined ? undefined : days * DAY_MS;
    } catch (error) {
      if (isWithoutLocks(error)) return undefined;
      return serviceError(this.at(''), 's3:GetBucketObjectLockConfiguration')(error);
    }
  }

  private at(key: string): string {
    return `s3://${this.name}/${key}`;
  }
}

function versionsOn({ Versions = [], DeleteMarkers = [] }: ListObjectVersionsCommandOutput): BucketVersion[] {
  return [
    ...Versions.map((version) => ({ ...facts(version), size: version.Size ?? 0, isDeleteMarker: false })),
    ...DeleteMarkers.map((marker) => ({ ...facts(marker), size: 0, isDeleteMarker: true })),
  ];
}

function facts(version: { Key?: string; VersionId?: string; LastModified?: Date }) {
  const { Key, VersionId, LastModified } = version;
  return { key: decoded(Key!), versionId: VersionId!, lastModified: LastModified!.getTime() };
}

/** 405: the version is a delete marker. */
function isAbsence(error: unknown): boolean {
  if (!(error instanceof S3ServiceException)) return false;
  return ['NoSuchKey', 'NoSuchVersion', 'MethodNotAllowed'].includes(error.name);
}

function isWithoutLocks(error: unknown): boolean {
  if (!(error instanceof S3ServiceException)) return false;
  return ['ObjectLockConfigurationNotFoundError', 'NoSuchObjectLockConfiguration'].includes(error.name);
}

function decoded(text: string): string {
  return decodeURIComponent(text.replaceAll('+', ' '));
}
