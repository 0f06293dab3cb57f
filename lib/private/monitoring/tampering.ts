import type * as firehose from 'aws-cdk-lib/aws-kinesisfirehose';
import type * as kms from 'aws-cdk-lib/aws-kms';
import type * as logs from 'aws-cdk-lib/aws-logs';
import type * as s3 from 'aws-cdk-lib/aws-s3';
import type { AuditLedger } from '../../audit-ledger';
import { calls, type Watch } from './calls';
import { sealerWatches } from './sealer-watches';

/** What nobody should change but a deployment. */
export interface Guarded {
  readonly deliveryStreams: readonly firehose.IDeliveryStream[];
  readonly key: kms.IKey;
  readonly ledger: AuditLedger | undefined;
  readonly bucket: s3.IBucket;
  /** The Glue database with the tables by which Firehose converts. */
  readonly databaseName: string;
  /** Logs that hold events of the last resort, the edge log on its way, what the sealer found, or notices. */
  readonly logGroups: readonly logs.ILogGroup[];
}

/** Names of streams have up to 64 characters. */
const STREAMS_OF_ONE_WATCH = 20;

/**
 * Calls that could stop, redirect, hide or destroy audit events, whether they were allowed or denied. At least one
 * pattern a service, since a pattern holds 2,048 characters.
 *
 * @see https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-service-event-cloudtrail.html
 */
export function tamperingWatches({ deliveryStreams, key, ledger, bucket, databaseName, logGroups }: Guarded): Watch[] {
  const keys = ledger === undefined ? [key] : [key, ledger.signingKey];
  return [
    ...streamWatches(deliveryStreams.map(({ deliveryStreamName }) => deliveryStreamName)),
    {
      id: 'KeyCalls',
      description: 'Changes to the keys of the audit trail',
      eventPattern: calls(
        'kms',
        [
          'DisableKey',
          'DisableKeyRotation',
          // Firehose works with a grant.
          'RevokeGrant',
          'PutKeyPolicy',
          'ScheduleKeyDeletion',
        ],
        [{ keyId: keys.flatMap(({ keyId, keyArn }) => [keyId, keyArn]) }],
      ),
    },
    {
      id: 'BucketCalls',
      description: 'Changes to the bucket of the audit trail',
      // PutBucketPolicy, PutBucketLifecycle, PutBucketVersioning, DeleteBucketReplication …: every setting of a bucket.
      eventPattern: calls(
        's3',
        [{ prefix: 'PutBucket' }, { prefix: 'DeleteBucket' }, 'PutObjectLockConfiguration'],
        [{ bucketName: [bucket.bucketName] }],
      ),
    },
    {
      id: 'TableCalls',
      description: 'Changes to the tables by which audit events are converted',
      eventPattern: calls(
        'glue',
        ['BatchDeleteTable', 'DeleteDatabase', 'DeleteTable', 'UpdateTable'],
        // DeleteDatabase names the database itself.
        [{ databaseName: [databaseName] }, { name: [databaseName] }],
      ),
    },
    {
      id: 'LogCalls',
      description: 'Changes to logs that hold what the trail does not have yet',
      eventPattern: calls(
        'logs',
        [
          'DeleteLogGroup',
          'DeleteLogStream',
          'DeleteMetricFilter',
          'DeleteRetentionPolicy',
          'DeleteSubscriptionFilter',
          'PutRetentionPolicy',
        ],
        [{ logGroupName: logGroups.map(({ logGroupName }) => logGroupName) }],
      ),
    },
    ...(ledger === undefined ? [] : sealerWatches(ledger)),
  ];
}

function streamWatches(names: readonly string[]): Watch[] {
  const watches: Watch[] = [];
  for (let start = 0; start < names.length; start += STREAMS_OF_ONE_WATCH) {
    watches.push({
      id: `StreamCalls${watches.length}`,
      description: 'Changes to the delivery streams of the audit trail',
      eventPattern: calls(
        'firehose',
        ['DeleteDeliveryStream', 'UpdateDestination', 'StartDeliveryStreamEncryption', 'StopDeliveryStreamEncryption'],
        [{ deliveryStreamName: names.slice(start, start + STREAMS_OF_ONE_WATCH) }],
      ),
    });
  }
  return watches;
}
