import { Duration, Stack } from 'aws-cdk-lib';
import * as events from 'aws-cdk-lib/aws-events';
import { LambdaFunction } from 'aws-cdk-lib/aws-events-targets';
import type * as iam from 'aws-cdk-lib/aws-iam';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import type * as logs from 'aws-cdk-lib/aws-logs';
import type * as sqs from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { SEALER_SETTINGS_VARIABLE, SWEEP, type SealerSettings } from '../../ledger/seal/settings';
import { bundlePath } from '../bundle';

export interface SealerFunctionProps {
  readonly settings: SealerSettings;
  readonly role: iam.IRole;
  readonly logGroup: logs.ILogGroup;
  /** Where notices wait. */
  readonly queue: sqs.IQueue;
  /** Takes the calls of the schedule that EventBridge could not make. */
  readonly deadLetters: sqs.IQueue;
}

const SEALER_TIMEOUT = Duration.minutes(5);
/** How long notices are gathered, so that one checkpoint is for many objects. */
const GATHERING = Duration.minutes(1);

/**
 * How long a notice is kept from other sealers once one has it, as Lambda advises: the function may be throttled, and is
 * then called again.
 *
 * @see https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-configure.html
 */
export const NOTICE_TAKEN_FOR = Duration.seconds(6 * SEALER_TIMEOUT.toSeconds() + GATHERING.toSeconds());

/** The most that Lambda takes at once; in bytes, some 3,500 notices fill a call. */
const MOST_NOTICES = 10_000;
/**
 * The least that Lambda allows. More sealers at once seal no faster, since each batch has to win the same swap; two read
 * objects while the other one publishes.
 */
const SEALERS_AT_ONCE = 2;
/** Holds the columns of two large objects and what was read of the index, and brings a whole processor along. */
const MEMORY_MIB = 2048;

/** The sealer, what calls it with notices, and what calls it each hour to find those that were lost. */
export class SealerFunction extends Construct {
  readonly handler: lambda.Function;
  readonly source: lambda.EventSourceMapping;
  readonly sweep: events.Rule;

  constructor(scope: Construct, id: string, { settings, role, logGroup, queue, deadLetters }: SealerFunctionProps) {
    super(scope, id);
    this.handler = new lambda.Function(this, 'Handler', {
      description: 'Seals the objects of the audit trail: appends them to its ledger and signs that',
      runtime: lambda.Runtime.NODEJS_24_X,
      architecture: lambda.Architecture.ARM_64,
      code: lambda.Code.fromAsset(bundlePath('sealer')),
      handler: 'index.handler',
      memorySize: MEMORY_MIB,
      timeout: SEALER_TIMEOUT,
      environment: { [SEALER_SETTINGS_VARIABLE]: Stack.of(this).toJsonString(settings) },
      role,
      logGroup,
    });
    // Not `addEventSource`, which would give the role more than it needs.
    this.source = new lambda.EventSourceMapping(this, 'Notices', {
      target: this.handler,
      eventSourceArn: queue.queueArn,
      batchSize: MOST_NOTICES,
      maxBatchingWindow: GATHERING,
      maxConcurrency: SEALERS_AT_ONCE,
      reportBatchItemFailures: true,
    });
    this.sweep = new events.Rule(this, 'Sweep', {
      description: 'Has the sealer look for objects whose notice was lost',
      schedule: events.Schedule.rate(Duration.hours(1)),
      targets: [
        new LambdaFunction(this.handler, {
          event: events.RuleTargetInput.fromObject(SWEEP),
          deadLetterQueue: deadLetters,
        }),
      ],
    });
  }
}
