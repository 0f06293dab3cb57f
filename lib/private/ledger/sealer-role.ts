import { Stack, Validations } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import type * as kms from 'aws-cdk-lib/aws-kms';
import type * as logs from 'aws-cdk-lib/aws-logs';
import type * as s3 from 'aws-cdk-lib/aws-s3';
import type * as sqs from 'aws-cdk-lib/aws-sqs';
import type { Construct } from 'constructs';
import { shownArn } from '../shown-arn';
import { SWAPPED, WRITTEN_ONCE } from './written-keys';

export interface SealerRoleProps {
  /** The name that it gets. */
  readonly roleName: string;
  readonly bucket: s3.IBucket;
  /** The key that encrypts the bucket. */
  readonly key: kms.IKey;
  readonly queue: sqs.IQueue;
  /** The key that encrypts the queue, where it is not one of SQS. */
  readonly queueKey: kms.IKey | undefined;
  readonly logGroup: logs.ILogGroup;
}

/**
 * The role of the sealer: it reads what it seals, writes the ledger and takes notices. What lets it sign stands in the
 * policy of the signing key.
 */
export function sealerRole(scope: Construct, id: string, props: SealerRoleProps): iam.Role {
  const { roleName, bucket, key, queue, queueKey, logGroup } = props;
  // Policies that lie in the role are there before whatever uses it.
  const role = new iam.Role(scope, id, {
    roleName,
    description: 'Sealer: reads the audit trail, and writes and signs its ledger',
    assumedBy: new iam.ServicePrincipal('lambda.amazonaws.com'),
    inlinePolicies: {
      Seal: new iam.PolicyDocument({
        statements: [
          // All of it: an object that lies where nobody should write is sealed too, and so is seen.
          new iam.PolicyStatement({
            actions: ['s3:GetObject', 's3:GetObjectVersion'],
            resources: [bucket.arnForObjects('*')],
          }),
          // Without a condition on prefixes: S3 says that an object is not there, rather than that it is nobody's
          // business, to whom it would let list the bucket.
          new iam.PolicyStatement({
            actions: ['s3:ListBucket', 's3:ListBucketVersions'],
            resources: [bucket.bucketArn],
          }),
          new iam.PolicyStatement({
            actions: ['s3:PutObject'],
            resources: [...WRITTEN_ONCE.map((prefix) => `${prefix}*`), ...SWAPPED].map((k) => bucket.arnForObjects(k)),
          }),
          new iam.PolicyStatement({ actions: ['kms:Decrypt', 'kms:GenerateDataKey'], resources: [key.keyArn] }),
          new iam.PolicyStatement({
            actions: ['sqs:DeleteMessage', 'sqs:GetQueueAttributes', 'sqs:ReceiveMessage'],
            resources: [queue.queueArn],
          }),
          ...(queueKey === undefined ? [] : [decryptMessages(scope, queueKey)]),
          new iam.PolicyStatement({
            actions: ['logs:CreateLogStream', 'logs:PutLogEvents'],
            resources: [logGroup.logGroupArn],
          }),
        ],
      }),
    },
  });
  Validations.of(role).acknowledge(
    ...['', ...WRITTEN_ONCE].map((prefix) => ({
      id: `AwsSolutions-IAM5[Resource::${shownArn(role, bucket)}/${prefix}*]`,
      reason: 'The sealer reads every object of the trail, and names the files of the ledger as the log grows',
    })),
  );
  return role;
}

function decryptMessages(scope: Construct, key: kms.IKey): iam.PolicyStatement {
  return new iam.PolicyStatement({
    actions: ['kms:Decrypt'],
    resources: [key.keyArn],
    conditions: { StringEquals: { 'kms:ViaService': `sqs.${Stack.of(scope).region}.amazonaws.com` } },
  });
}
