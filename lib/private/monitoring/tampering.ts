import type * as iam from 'aws-cdk-lib/aws-iam';
import type * as firehose from 'aws-cdk-lib/aws-kinesisfirehose';
import type * as kms from 'aws-cdk-lib/aws-kms';
import type * as lambda from 'aws-cdk-lib/aws-lambda';
import type * as logs from 'aws-cdk-lib/aws-logs';
import type * as s3 from 'aws-cdk-lib/aws-s3';
import type * as sns from 'aws-cdk-lib/aws-sns';
import type { AuditLedger } from '../../audit-ledger';
import type { WatchedSecret } from '../guarded-proxy';
import { apiWatches, secretWatches } from './access-watches';
import { allBut, calls, endingIn, exactly, inPortions, type Watch } from './calls';
import { functionWatches } from './function-watches';
import { logWatches } from './log-watches';
import { ownWatches } from './own-watches';
import { sealerWatches } from './sealer-watches';

/** What nobody should change but a deployment. */
export interface Guarded {
  readonly deliveryStreams: readonly firehose.IDeliveryStream[];
  readonly keys: readonly kms.IKey[];
  readonly ledger: AuditLedger | undefined;
  readonly bucket: s3.IBucket;
  /** The Glue database with the tables by which Firehose converts. */
  readonly databaseName: string;
  /** Logs that hold events of the last resort, the edge log on its way, what the sealer found, or notices. */
  readonly logGroups: readonly logs.ILogGroup[];
  readonly functions: readonly lambda.IFunction[];
  /** Roles of functions: whoever may pass one to a function of their own has its permissions. */
  readonly roles: readonly iam.IRole[];
  readonly apiIds: readonly string[];
  readonly secrets: readonly WatchedSecret[];
  readonly topic: sns.ITopic;
  /** How the names of the rules begin that watch all this. */
  readonly ownRules: string;
}

/** Names of streams have up to 64 characters. */
const STREAMS_OF_ONE_WATCH = 15;

/**
 * Calls that could stop, redirect, hide or destroy audit events, whether they were allowed or denied, and however they spell
 * the name. At least one pattern a service, since a pattern holds 2,048 characters.
 *
 * @see https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-service-event-cloudtrail.html
 */
export function tamperingWatches(guarded: Guarded): Watch[] {
  const { deliveryStreams, keys, ledger, bucket, databaseName } = guarded;
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
          'PutKeyPolicy',
          // Firehose works with a grant.
          'RetireGrant',
          'RevokeGrant',
          'ScheduleKeyDeletion',
        ],
        [{ keyId: keys.map(({ keyId }) => endingIn(keyId)) }],
      ),
    },
    {
      id: 'BucketCalls',
      description: 'Changes to the bucket of the audit trail',
      // PutBucketPolicy, PutBucketLifecycle, PutBucketVersioning, DeleteBucketReplication …: every setting of a bucket.
      eventPattern: calls(
        's3',
        [{ prefix: 'PutBucket' }, { prefix: 'DeleteBucket' }, 'PutObjectLockConfiguration', 'UpdateObjectEncryption'],
        [{ bucketName: [exactly(bucket.bucketName)] }],
      ),
    },
    {
      id: 'TableCalls',
      description: 'Changes to the tables by which audit events are converted',
      eventPattern: calls(
        'glue',
        [
          'BatchDeleteTable',
          'BatchDeleteTableVersion',
          'DeleteDatabase',
          'DeleteTable',
          'DeleteTableVersion',
          'UpdateTable',
        ],
        // DeleteDatabase names the database itself. Glue ignores case.
        [{ databaseName: [exactly(databaseName)] }, { name: [exactly(databaseName)] }],
      ),
    },
    ...logWatches(guarded.logGroups),
    ...functionWatches(guarded.functions, guarded.roles),
    ...apiWatches(guarded.apiIds),
    ...secretWatches(guarded.secrets),
    ...sealerWatches(ledger, guarded.ownRules),
    ...ownWatches(guarded.topic),
  ];
}

function streamWatches(names: readonly string[]): Watch[] {
  return inPortions(names, STREAMS_OF_ONE_WATCH).map((portion, n) => ({
    id: `StreamCalls${n}`,
    description: 'Changes to the delivery streams of the audit trail',
    eventPattern: calls('firehose', allBut('Describe', 'List', 'PutRecord', 'Tag', 'Untag'), [
      { deliveryStreamName: portion.map(exactly) },
    ]),
  }));
}
