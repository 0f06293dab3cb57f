import { Names, Token } from 'aws-cdk-lib';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import type * as iam from 'aws-cdk-lib/aws-iam';
import type * as kms from 'aws-cdk-lib/aws-kms';
import type * as lambda from 'aws-cdk-lib/aws-lambda';
import * as logs from 'aws-cdk-lib/aws-logs';
import type * as s3 from 'aws-cdk-lib/aws-s3';
import type * as sqs from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { isKeyName } from './ledger/checkpoint/key';
import { DEFAULT_SWEEP_HOURS, SEALER_METRICS } from './ledger/seal/settings';
import { defaultDeployRoleArn } from './private/deploy-roles';
import { NoticeQueue } from './private/ledger/notice-queue';
import { NOTICE_TAKEN_FOR, SealerFunction } from './private/ledger/sealer-function';
import { sealerRole } from './private/ledger/sealer-role';
import { signingKey } from './private/ledger/signing-key';
import { Vkey } from './private/ledger/vkey';
import { roleNameWithinStack } from './private/role-name';
import { refuse, type PropProblem } from './private/validation';

/** What can be chosen about the ledger of an audit trail. */
export interface AuditLedgerOptions {
  /**
   * The name of the ledger, which is signed with each checkpoint and pinned by whoever verifies: unique in the world, not
   * empty, without white space and `+`, at best a domain of yours and a path, e.g. `audit.example.com/orders`.
   *
   * For ever: under another name the sealer does not take the checkpoints of before for its own, and stops.
   *
   * @default - where it lies, which nobody else can have: `<bucket>.s3.<region>.amazonaws.com/ledger`
   * @see https://c2sp.org/tlog-checkpoint
   */
  readonly ledgerOrigin?: string;

  /**
   * Number of leaves that the ledger is known to have. With fewer, the sealer refuses to seal and raises `SealingStopped`,
   * so that a ledger whose every version was removed cannot be replaced by a new one. Raise it from time to time, e.g. to
   * the size in a checkpoint that you saved.
   *
   * @default 0
   */
  readonly ledgerMinTreeSize?: number;
}

/** Props of the ledger of an audit trail. */
export interface AuditLedgerProps extends AuditLedgerOptions {
  /**
   * The bucket whose objects are sealed: with versions, and telling EventBridge of its objects. The ledger lies in it, under
   * `ledger/`. Its policy should let `AuditLedger.sealerRole` write there and nobody else, as that of `AuditTrail` does.
   */
  readonly bucket: s3.IBucket;

  /** The key that encrypts the bucket. */
  readonly key: kms.IKey;

  /**
   * The key that encrypts queues and log groups. Its policy must let CloudWatch Logs and EventBridge use it, as that of
   * `AuditTrail.operationalKey` does.
   *
   * @default - they are encrypted by keys of AWS
   */
  readonly operationalKey?: kms.IKey;

  /**
   * Roles that may change the policy of the signing key: ARNs, `*` allowed as a wildcard.
   *
   * @default - the role with which CloudFormation deploys in an environment that was bootstrapped by `cdk bootstrap`
   */
  readonly deployRoleArns?: string[];
}

/**
 * The ledger of an audit trail: an append-only Merkle log (C2SP tlog-tiles) with one leaf for each version of each object
 * in the bucket, signed by a key that only the sealer can use. With it anybody who has the vkey can verify that nothing was
 * added, left out, cut off or replaced.
 *
 * `AuditTrail` makes it. A new object is sealed within about two minutes: EventBridge tells a queue, the sealer gathers
 * what is there for a minute. Once an hour it looks for objects whose notice was lost.
 *
 * The ledger is locked like the rest of the bucket, for as long. While objects come in, each minute adds some eight small
 * files and versions, 50 KB together (2 GB a month): a file that grows is written anew at each step, and `ledger/head` and
 * `ledger/checkpoint` get a version. With requests, the function and the key that is less than 10 USD a month.
 *
 * @see https://c2sp.org/tlog-tiles
 */
export class AuditLedger extends Construct {
  /** The name that is signed with each checkpoint. */
  public readonly origin: string;

  /** The public key as text, `<origin>+<key id>+<key>`, known at deployment: what a verifier pins. */
  public readonly vkey: string;

  /** The key that signs checkpoints: Ed25519, in KMS. */
  public readonly signingKey: kms.IKey;

  /** The function that appends to the ledger. */
  public readonly sealer: lambda.IFunction;

  /** The role of that function: the only one that may write under `ledger/` and sign. */
  public readonly sealerRole: iam.IRole;

  /** Where the sealer logs what it did, and what is not as it must be. */
  public readonly sealerLogGroup: logs.ILogGroup;

  /** Notices of new objects that are not sealed yet. */
  public readonly queue: sqs.IQueue;

  /** What EventBridge could not deliver, and notices of objects that could not be sealed for a day, kept for 14 days. */
  public readonly deadLetterQueue: sqs.IQueue;

  /**
   * ARN of the sealer's role, without a reference to it.
   *
   * @internal
   */
  public readonly _sealerRoleArn: string;

  private readonly metricNamespace: string;
  private readonly rules: string[];
  private readonly source: lambda.EventSourceMapping;

  constructor(scope: Construct, id: string, props: AuditLedgerProps) {
    super(scope, id);
    const { bucket, key, operationalKey } = props;
    refuse(this, [...originProblems(props.ledgerOrigin), ...treeSizeProblems(props.ledgerMinTreeSize)]);
    this.origin = props.ledgerOrigin ?? `${bucket.bucketRegionalDomainName}/ledger`;
    this.metricNamespace = `AuditProxy/${Names.uniqueResourceName(this, { maxLength: 200, separator: '-' })}`;

    const notices = new NoticeQueue(this, 'Notices', {
      bucket,
      key: operationalKey,
      visibilityTimeout: NOTICE_TAKEN_FOR,
    });
    this.queue = notices.queue;
    this.deadLetterQueue = notices.deadLetters;

    this.sealerLogGroup = new logs.LogGroup(this, 'SealerLog', {
      retention: logs.RetentionDays.ONE_YEAR,
      encryptionKey: operationalKey,
    });
    const { roleName, roleArn } = roleNameWithinStack(this);
    const role = sealerRole(this, 'SealerRole', {
      roleName,
      bucket,
      key,
      queue: this.queue,
      queueKey: operationalKey,
      logGroup: this.sealerLogGroup,
    });
    this.sealerRole = role;
    this._sealerRoleArn = roleArn;
    const vkey = new Vkey(this, 'Vkey', operationalKey);
    this.signingKey = signingKey(this, 'SigningKey', {
      sealer: role,
      publisher: vkey.role,
      deployRoleArns: props.deployRoleArns ?? [defaultDeployRoleArn(this)],
    });
    this.vkey = vkey.of(this.signingKey, this.origin);

    const sealer = new SealerFunction(this, 'Sealer', {
      settings: {
        bucket: bucket.bucketName,
        keyId: this.signingKey.keyArn,
        origin: this.origin,
        sweepHours: DEFAULT_SWEEP_HOURS,
        metricNamespace: this.metricNamespace,
        ...(props.ledgerMinTreeSize !== undefined && { minTreeSize: props.ledgerMinTreeSize }),
      },
      role,
      logGroup: this.sealerLogGroup,
      queue: this.queue,
      deadLetters: this.deadLetterQueue,
    });
    this.sealer = sealer.handler;
    this.source = sealer.source;
    this.rules = [notices.rule.ruleName, sealer.sweep.ruleName];
  }

  /**
   * Age of the oldest notice whose object was sealed, or could not be, in seconds; the maximum over 5 minutes.
   *
   * @param props what to change of that
   */
  public metricSealLag(props?: cloudwatch.MetricOptions): cloudwatch.Metric {
    return this.metric(SEALER_METRICS.sealLag, cloudwatch.Stats.MAXIMUM, props);
  }

  /**
   * Object versions sealed; their sum over 5 minutes.
   *
   * @param props what to change of that
   */
  public metricObjectsSealed(props?: cloudwatch.MetricOptions): cloudwatch.Metric {
    return this.metric(SEALER_METRICS.objectsSealed, cloudwatch.Stats.SUM, props);
  }

  /**
   * Leaves in the ledger; the maximum over 5 minutes.
   *
   * @param props what to change of that
   */
  public metricTreeSize(props?: cloudwatch.MetricOptions): cloudwatch.Metric {
    return this.metric(SEALER_METRICS.treeSize, cloudwatch.Stats.MAXIMUM, props);
  }

  /**
   * Objects whose events could not be read, or of which one is none that a writer makes; their sum over 5 minutes. They are
   * sealed all the same.
   *
   * @param props what to change of that
   */
  public metricObjectsUnreadable(props?: cloudwatch.MetricOptions): cloudwatch.Metric {
    return this.metric(SEALER_METRICS.objectsUnreadable, cloudwatch.Stats.SUM, props);
  }

  /**
   * Objects whose notice was lost and that were found by looking; their sum over 5 minutes.
   *
   * @param props what to change of that
   */
  public metricNoticesLost(props?: cloudwatch.MetricOptions): cloudwatch.Metric {
    return this.metric(SEALER_METRICS.noticesLost, cloudwatch.Stats.SUM, props);
  }

  /**
   * 1 where the ledger is not as it must be, so that nothing is sealed; the maximum over 5 minutes.
   *
   * @param props what to change of that
   */
  public metricSealingStopped(props?: cloudwatch.MetricOptions): cloudwatch.Metric {
    return this.metric(SEALER_METRICS.sealingStopped, cloudwatch.Stats.MAXIMUM, props);
  }

  /**
   * What calls the sealer: names of rules, and the id of the mapping from the queue.
   *
   * @internal
   */
  public get _callers(): { readonly rules: readonly string[]; readonly mapping: string } {
    return { rules: this.rules, mapping: this.source.eventSourceMappingId };
  }

  private metric(metricName: string, statistic: string, props?: cloudwatch.MetricOptions): cloudwatch.Metric {
    return new cloudwatch.Metric({ namespace: this.metricNamespace, metricName, statistic, ...props }).attachTo(this);
  }
}

function originProblems(origin: string | undefined): PropProblem[] {
  if (origin === undefined || Token.isUnresolved(origin) || isKeyName(origin)) return [];
  const message = `must not be empty or hold white space or "+"; got ${JSON.stringify(origin)}`;
  return [{ key: 'ledgerOrigin', message }];
}

function treeSizeProblems(size: number | undefined): PropProblem[] {
  if (size === undefined || Token.isUnresolved(size) || (Number.isSafeInteger(size) && size >= 0)) return [];
  return [{ key: 'ledgerMinTreeSize', message: `must be a whole number of at least 0; got ${size}` }];
}
