import { Validations } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import type * as firehose from 'aws-cdk-lib/aws-kinesisfirehose';
import type * as kms from 'aws-cdk-lib/aws-kms';
import type * as s3 from 'aws-cdk-lib/aws-s3';
import type { IConstruct } from 'constructs';
import { FALLBACK_PREFIX, PAYLOADS_PREFIX } from '../event/keys';
import { shownArn } from './shown-arn';

/** Where events can be put. */
export interface RecordTargets {
  readonly deliveryStreams: readonly firehose.IDeliveryStream[];
  readonly bucket: s3.IBucket;
  readonly key: kms.IKey;
}

/**
 * What recording takes: putting events into the delivery streams, and directly into the bucket under `fallback/`. Both
 * ask the key of the caller: S3 a data key for a put under SSE-KMS; Firehose, for streams made since April 2026, also the
 * right to decrypt. How Firehose asks is not documented, so there is no `kms:ViaService`; who may read no object has
 * nothing to decrypt.
 *
 * @see https://docs.aws.amazon.com/firehose/latest/dev/encryption.html
 * @see https://docs.aws.amazon.com/AmazonS3/latest/userguide/UsingKMSEncryption.html
 */
export function recordStatements({ deliveryStreams, bucket, key }: RecordTargets): iam.PolicyStatement[] {
  return [
    new iam.PolicyStatement({
      actions: ['firehose:PutRecord', 'firehose:PutRecordBatch'],
      resources: deliveryStreams.map(({ deliveryStreamArn }) => deliveryStreamArn),
    }),
    new iam.PolicyStatement({
      actions: ['s3:PutObject'],
      resources: [bucket.arnForObjects(`${FALLBACK_PREFIX}*`)],
    }),
    new iam.PolicyStatement({ actions: ['kms:Decrypt', 'kms:GenerateDataKey'], resources: [key.keyArn] }),
  ];
}

/** What storing captured bodies takes; the key it has by `recordStatements`. */
export function payloadStatement({ bucket }: Pick<RecordTargets, 'bucket'>): iam.PolicyStatement {
  return new iam.PolicyStatement({
    actions: ['s3:PutObject'],
    resources: [bucket.arnForObjects(`${PAYLOADS_PREFIX}*`)],
  });
}

/** Says to cdk-nag why storing captured bodies holds a wildcard. */
export function acknowledgePayloadPermission(holder: IConstruct, bucket: s3.IBucket): void {
  Validations.of(holder).acknowledge({
    id: `AwsSolutions-IAM5[Resource::${shownArn(holder, bucket)}/${PAYLOADS_PREFIX}*]`,
    reason: 'A captured body lies under its hour and its hash, which nobody knows beforehand',
  });
}

/** Says to cdk-nag why these permissions hold a wildcard. */
export function acknowledgeRecordPermissions(holder: IConstruct, { bucket }: RecordTargets): void {
  Validations.of(holder).acknowledge({
    id: `AwsSolutions-IAM5[Resource::${shownArn(holder, bucket)}/${FALLBACK_PREFIX}*]`,
    reason: 'An event that takes the fallback lies under its hour and its uid, which nobody knows beforehand',
  });
}
