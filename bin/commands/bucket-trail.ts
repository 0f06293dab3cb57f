import { Option, type Command } from 'commander';
import { loadClients } from '../aws/load-clients';
import type { VersionedBucket } from '../aws/versioned-bucket';

export interface BucketOptions {
  readonly bucket?: string;
  readonly stack?: string;
  readonly region?: string;
}

/** A trail in a bucket, and what its stack says of it. */
export interface BucketTrail {
  readonly bucket: VersionedBucket;
  /** The ledger's public key as the stack tells it: whoever can change the stack can change it. */
  readonly stackKey: string | undefined;
}

/** `--bucket`, `--stack` and `--region`: the same for every command that reads a trail in a bucket. */
export function addBucketOptions(command: Command): Command {
  return command
    .addOption(new Option('--bucket <name>', "the trail's bucket on AWS").conflicts(['stack', 'local']))
    .addOption(new Option('--stack <name>', 'the stack whose bucket it is (output BucketName)').conflicts(['local']))
    .option('--region <region>', "AWS region (default: that of AWS's own tools)");
}

/** @returns undefined if the trail is in a folder @throws ServiceError if the stack cannot be read */
export async function bucketTrail({ bucket, stack, region }: BucketOptions): Promise<BucketTrail | undefined> {
  if (bucket === undefined && stack === undefined) return undefined;
  const { S3VersionedBucket, stackOutputs } = await loadClients();
  const options = region === undefined ? {} : { region };
  if (stack === undefined) return { bucket: S3VersionedBucket.of(bucket!, options), stackKey: undefined };
  const outputs = await stackOutputs(stack, ['bucket'], options);
  return { bucket: S3VersionedBucket.of(outputs.bucket, { region: outputs.region }), stackKey: outputs.vkey };
}
