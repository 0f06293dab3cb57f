import { Duration } from 'aws-cdk-lib';
import * as events from 'aws-cdk-lib/aws-events';
import { SqsQueue } from 'aws-cdk-lib/aws-events-targets';
import type * as s3 from 'aws-cdk-lib/aws-s3';
import type * as kms from 'aws-cdk-lib/aws-kms';
import type * as sqs from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { LEDGER_PREFIX } from '../../event/keys';
import { encryptedQueue } from '../encrypted-queue';

export interface NoticeQueueProps {
  /** Whose new objects are told of. */
  readonly bucket: s3.IBucket;
  /** Encrypts the queues, and lets EventBridge use it; SQS encrypts them by a key of its own where there is none. */
  readonly key: kms.IKey | undefined;
  /** How long a notice is kept from others once somebody has taken it. */
  readonly visibilityTimeout: Duration;
}

/** How often a notice is tried before it is set aside: a day's outage of whatever sealing needs is sat out. */
const TRIES = 50;

/** A queue that is told of every new object of the bucket but the ledger's own. Notices hold keys of objects and no events. */
export class NoticeQueue extends Construct {
  readonly queue: sqs.Queue;
  /** Notices that could not be sealed. */
  readonly deadLetters: sqs.Queue;
  readonly rule: events.Rule;

  constructor(scope: Construct, id: string, { bucket, key, visibilityTimeout }: NoticeQueueProps) {
    super(scope, id);
    this.deadLetters = encryptedQueue(this, 'DeadLetters', { key, retentionPeriod: Duration.days(14) });
    this.queue = encryptedQueue(this, 'Queue', {
      key,
      visibilityTimeout,
      // A message keeps its age when it is set aside, so it must not be kept here for as long as there.
      retentionPeriod: Duration.days(4),
      deadLetterQueue: { queue: this.deadLetters, maxReceiveCount: TRIES },
    });
    this.rule = new events.Rule(this, 'ObjectCreated', {
      description: 'Tells the sealer of new objects in the audit trail',
      eventPattern: {
        source: ['aws.s3'],
        detailType: ['Object Created'],
        detail: {
          bucket: { name: [bucket.bucketName] },
          object: { key: events.Match.anythingButPrefix(LEDGER_PREFIX) },
        },
      },
      targets: [new SqsQueue(this.queue, { deadLetterQueue: this.deadLetters })],
    });
  }
}
