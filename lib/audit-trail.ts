import { Annotations, Duration } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import type * as kms from 'aws-cdk-lib/aws-kms';
import type * as firehose from 'aws-cdk-lib/aws-kinesisfirehose';
import * as logs from 'aws-cdk-lib/aws-logs';
import type * as secretsmanager from 'aws-cdk-lib/aws-secretsmanager';
import type * as s3 from 'aws-cdk-lib/aws-s3';
import { Construct } from 'constructs';
import { AuditCatalog, type AuditCatalogOptions } from './audit-catalog';
import { AuditLedger, type AuditLedgerOptions } from './audit-ledger';
import type { ApiKind } from './edge-log/record';
import {
  EDGE_PREFIX,
  ERRORS_PREFIX,
  EVENTS_PREFIX,
  FALLBACK_PREFIX,
  LEDGER_PREFIX,
  PAYLOADS_PREFIX,
} from './event/keys';
import { AccessLogsBucket } from './private/access-logs-bucket';
import { deliveryRole } from './private/delivery-role';
import { EventStream } from './private/delivery-stream';
import { defaultDeployRoleArn } from './private/deploy-roles';
import { EdgeStream } from './private/edge-stream';
import { SWAPPED, WRITTEN_ONCE } from './private/ledger/written-keys';
import { LockedBucket } from './private/locked-bucket';
import type { DeliveryProps } from './private/parquet-stream';
import { operationalKey } from './private/operational-key';
import { PseudonymKey } from './private/pseudonym-key';
import { roleNameWithinStack } from './private/role-name';
import { recordStatements } from './private/record-permissions';
import { trailKey } from './private/trail-key';
import { refuse, ValidationError, type PropProblem } from './private/validation';
import { checkRecording, DEFAULT_STREAMS } from './routing/recording';

/** Props of an audit trail. */
export interface AuditTrailProps extends AuditCatalogOptions, AuditLedgerOptions {
  /**
   * How long nobody can delete or change an audit event (S3 Object Lock, COMPLIANCE): whole days, 1 to 36500.
   *
   * What has been written cannot be released earlier, by nobody, root included. Longer retention can be set later and
   * holds for what is written then.
   *
   * @default Duration.days(365)
   */
  readonly retention?: Duration;

  /**
   * Roles that may change policy and settings of the bucket and the policy of the key: ARNs, `*` allowed as a wildcard.
   * The role that deploys the stack must be among them, or its next deployment fails.
   *
   * @default - the role with which CloudFormation deploys in an environment that was bootstrapped by `cdk bootstrap`
   * (`cdk-<qualifier>-cfn-exec-role-<account>-<region>`)
   */
  readonly deployRoleArns?: string[];

  /**
   * How long Firehose gathers audit events before it writes an object, from 60 to 900 seconds. Events are durable before
   * that; they are locked, and can be queried, after it.
   *
   * @default Duration.seconds(60)
   */
  readonly bufferingInterval?: Duration;

  /**
   * Number of delivery streams that take audit events, a whole number from 1 to 50 (an account's quota in a region, unless
   * raised; other streams count too). Another number leaves the streams before it as they are, and one that is no longer
   * wanted is not deleted, since it may hold events that it has not delivered yet: delete it by hand an hour later.
   *
   * A request makes two events (one under AFTER_RESPONSE) of a few KiB. By Firehose's quotas a stream takes 2,000 puts and
   * 5 MiB a second in us-east-1, us-west-2 and eu-west-1, and 1,000 puts and 1 MiB a second elsewhere; the README has a
   * table. A stream that throttles loses nothing: writers go on to the next, and then to the bucket.
   *
   * @default 1
   */
  readonly deliveryStreamCount?: number;

  /**
   * Whether a ledger is kept of every object in the bucket, by which others can verify that nothing was added, left out,
   * cut off or replaced: not only that nothing was deleted. See `AuditLedger` for what it costs.
   *
   * @default true
   */
  readonly ledger?: boolean;
}

const DEFAULT_RETENTION = Duration.days(365);
const DEFAULT_BUFFERING = Duration.seconds(60);
const MAX_RETENTION_DAYS = 36_500;

/**
 * Where audit events come to rest: delivery streams, the locked bucket, its key, the catalog that makes them readable by
 * SQL, and the ledger that makes them provable.
 */
export class AuditTrail extends Construct {
  /** The bucket with Object Lock. Keys are `events/dt=YYYY-MM-DD/hour=HH/…parquet`, and alike under `edge/`. */
  public readonly bucket: s3.IBucket;

  /** The key that encrypts the bucket and the delivery streams. */
  public readonly key: kms.IKey;

  /**
   * The key that encrypts what runs the trail and is not part of it: log groups, queues and secrets. CloudWatch Logs and
   * EventBridge may use it, which they may not with `key`.
   */
  public readonly operationalKey: kms.IKey;

  /** The delivery streams that take audit events; a writer may use any of them. */
  public readonly deliveryStreams: firehose.IDeliveryStream[];

  /** Tables, views, saved queries and the workgroup. */
  public readonly catalog: AuditCatalog;

  /** Which objects there are, signed; undefined where the prop `ledger` is false. */
  public readonly ledger?: AuditLedger;

  /** Where Firehose logs what it could not deliver. */
  public readonly deliveryLogGroup: logs.ILogGroup;

  /**
   * Who deploys the trail: ARNs of roles, `*` allowed.
   *
   * @internal
   */
  public readonly _deployRoleArns: string[];

  private readonly locked: LockedBucket;
  /** Of roles that write into the bucket, for the policy of the key. */
  private readonly writerArns: string[] = [];
  private readonly delivery: DeliveryProps;
  private madePseudonymKey: PseudonymKey | undefined;
  private readonly edgeStreams = new Map<ApiKind, firehose.DeliveryStream>();

  constructor(scope: Construct, id: string, props: AuditTrailProps = {}) {
    super(scope, id);
    const { retention = DEFAULT_RETENTION, bufferingInterval = DEFAULT_BUFFERING } = props;
    const { deliveryStreamCount = DEFAULT_STREAMS } = props;
    refuse(this, [
      ...retentionProblems(retention),
      ...bufferingProblems(bufferingInterval),
      ...streamCountProblems(deliveryStreamCount),
    ]);
    this.warnOfCompliance(retention);

    const deployRoleArns = props.deployRoleArns ?? [defaultDeployRoleArn(this)];
    this._deployRoleArns = deployRoleArns;
    this.key = trailKey(this, 'Key', { deployRoleArns, writerArns: this.writerArns });
    this.operationalKey = operationalKey(this, 'OperationalKey', deployRoleArns);
    const locked = new LockedBucket(this, 'Locked', { key: this.key, retention, deployRoleArns });
    this.locked = locked;
    this.bucket = locked.bucket;
    const accessLogs = new AccessLogsBucket(this, 'AccessLogs');
    accessLogs.logAccessTo(locked.bucket, 'trail/');

    this.catalog = new AuditCatalog(this, 'Catalog', {
      bucket: this.bucket,
      key: this.key,
      resultsKey: this.operationalKey,
      databaseName: props.databaseName,
      workGroupName: props.workGroupName,
      scanLimit: props.scanLimit,
      resultRetention: props.resultRetention,
    });
    accessLogs.logAccessTo(this.catalog.resultsBucket, 'query-results/');

    this.deliveryLogGroup = new logs.LogGroup(this, 'DeliveryLog', {
      retention: logs.RetentionDays.ONE_YEAR,
      encryptionKey: this.operationalKey,
    });
    const prefixes = [EVENTS_PREFIX, EDGE_PREFIX, ERRORS_PREFIX];
    const to = { bucket: this.bucket, key: this.key, logGroup: this.deliveryLogGroup };
    const tables = [this.catalog.rawTable, this.catalog.edgeTable];
    const { roleName, roleArn } = roleNameWithinStack(this);
    this.writerArns.push(roleArn);
    const role = deliveryRole(this, 'DeliveryRole', { ...to, roleName, tables, prefixes });
    locked.allowOnlyWriter('Delivery', prefixes, role);
    locked.neverOverwrite('Fallback', [FALLBACK_PREFIX]);
    locked.neverOverwrite('Payloads', [PAYLOADS_PREFIX]);
    this.delivery = { ...to, role, bufferingInterval };
    const stream = { ...this.delivery, table: this.catalog.rawTable };
    this.deliveryStreams = Array.from(
      { length: deliveryStreamCount },
      // eslint-disable-next-line cdk/no-variable-construct-id -- a number keeps each where it is when the count changes
      (_, index) => new EventStream(this, `Events${index}`, stream).stream,
    );
    if (props.ledger ?? true) {
      const { ledgerOrigin, ledgerMinTreeSize } = props;
      this.ledger = new AuditLedger(this, 'Ledger', {
        bucket: this.bucket,
        key: this.key,
        operationalKey: this.operationalKey,
        deployRoleArns,
        ledgerOrigin,
        ledgerMinTreeSize,
      });
      this.writerArns.push(this.ledger._sealerRoleArn);
      locked.allowOnlyWriter('Ledger', [LEDGER_PREFIX], this.ledger.sealerRole);
      locked.neverOverwrite('Ledger', WRITTEN_ONCE);
      locked.onlySwap('Ledger', SWAPPED);
    }
  }

  /** The delivery streams that take the edge log: one for each kind of API that the access proxies so far have. */
  public get edgeDeliveryStreams(): firehose.IDeliveryStream[] {
    return [...this.edgeStreams.values()];
  }

  /**
   * The key of pseudonyms, in Secrets Manager; undefined while no access proxy of the trail has any. Whoever can read it can
   * find out which value a pseudonym stands for, by trying.
   */
  public get pseudonymKey(): secretsmanager.ISecret | undefined {
    return this.madePseudonymKey?.secret;
  }

  /**
   * Lets a role write audit events: put them into every delivery stream, and directly into the bucket under `fallback/`.
   *
   * The bucket's policy names the role, so it must be of the trail's own stack or be imported by its ARN.
   *
   * @param grantee who may write: a role, or what has one, like a function
   */
  public grantWrite(grantee: iam.IGrantable): void {
    const { grantPrincipal } = grantee;
    if (!isRole(grantPrincipal)) {
      const message = `must be a role or have one, since the bucket's policy names it; got ${String(grantPrincipal)}`;
      return refuse(this, [{ key: 'grantWrite', message }]);
    }
    for (const statement of this._recordStatements()) grantPrincipal.addToPrincipalPolicy(statement);
    this._allowFallbackWriter(grantPrincipal);
    this._allowKeyWriter(grantPrincipal);
  }

  /**
   * Lets a role read the key of the trail's pseudonyms, to find the events of a value (`audit-proxy pseudonym`). The policy of
   * the secret names the role: nobody else can read it, but the functions that make pseudonyms.
   *
   * @param grantee who may read it: a role, or what has one
   * @throws if it has no role, or no access proxy of the trail has pseudonyms
   */
  public grantReadPseudonymKey(grantee: iam.IGrantable): iam.Grant {
    const { grantPrincipal } = grantee;
    const refusal = (message: string) => new ValidationError(`${this.node.path}: grantReadPseudonymKey: ${message}`);
    if (!isRole(grantPrincipal)) {
      throw refusal(`must be a role or have one, since the secret's policy names it; got ${String(grantPrincipal)}`);
    }
    const key = this.madePseudonymKey;
    if (key === undefined)
      throw refusal('no access proxy of this trail has a route with pseudonyms, so there is no key');
    key.allowReader(grantPrincipal);
    return key
      .readStatements()
      .map(({ actions, resources, conditions }) =>
        iam.Grant.addToPrincipal({
          grantee,
          actions,
          resourceArns: resources,
          conditions: conditions as Record<string, Record<string, unknown>>,
        }),
      )
      .reduce((all, grant) => all.combine(grant));
  }

  /**
   * What a role must be allowed to write audit events.
   *
   * @internal
   */
  public _recordStatements(): iam.PolicyStatement[] {
    return recordStatements(this);
  }

  /**
   * Takes a role among those that can write under `fallback/`.
   *
   * @internal
   */
  public _allowFallbackWriter(role: Pick<iam.IRole, 'roleArn'>): void {
    this.locked.allowOnlyWriter('Fallback', [FALLBACK_PREFIX], role);
  }

  /**
   * Takes a role among those that can encrypt objects under the trail's key.
   *
   * @internal
   */
  public _allowKeyWriter({ roleArn }: Pick<iam.IRole, 'roleArn'>): void {
    this.writerArns.push(roleArn);
  }

  /**
   * Takes a role among those that can write under `payloads/`.
   *
   * @internal
   */
  public _allowPayloadWriter(role: Pick<iam.IRole, 'roleArn'>): void {
    this.locked.allowOnlyWriter('Payloads', [PAYLOADS_PREFIX], role);
  }

  /**
   * The key of pseudonyms; made for the first that asks.
   *
   * @internal
   */
  public _pseudonymKey(): PseudonymKey {
    this.madePseudonymKey ??= new PseudonymKey(this, 'PseudonymKey', {
      key: this.operationalKey,
      deployRoleArns: this._deployRoleArns,
    });
    return this.madePseudonymKey;
  }

  /**
   * The delivery stream that takes the edge log of APIs of a kind; made for the first that asks.
   *
   * @internal
   */
  public _edgeStream(kind: ApiKind): firehose.DeliveryStream {
    const made = this.edgeStreams.get(kind);
    if (made !== undefined) return made;
    const id = kind === 'restApi' ? 'EdgeRest' : 'EdgeHttp';
    // eslint-disable-next-line cdk/no-variable-construct-id -- one of two
    const { stream } = new EdgeStream(this, id, { ...this.delivery, table: this.catalog.edgeTable, kind });
    this.edgeStreams.set(kind, stream);
    return stream;
  }

  /**
   * Lets a principal read the objects of the trail, e.g. to verify them. To query them, see `AuditCatalog.grantQuery`.
   *
   * @param grantee who may read
   */
  public grantRead(grantee: iam.IGrantable): iam.Grant {
    return this.bucket.grantRead(grantee);
  }

  private warnOfCompliance(retention: Duration): void {
    if (retention.isUnresolved()) return;
    Annotations.of(this).addWarningV2(
      'cdk-audit-proxy:complianceRetention',
      `audit events are locked for ${retention.toDays()} days (Object Lock, COMPLIANCE): once written, nobody can delete them earlier or shorten this, not even the account's root user`,
    );
  }
}

function retentionProblems(retention: Duration): PropProblem[] {
  if (retention.isUnresolved()) return [];
  const days = retention.toDays({ integral: false });
  if (Number.isInteger(days) && days >= 1 && days <= MAX_RETENTION_DAYS) return [];
  return [{ key: 'retention', message: `must be whole days, 1 to ${MAX_RETENTION_DAYS}; got ${days} days` }];
}

function bufferingProblems(interval: Duration): PropProblem[] {
  if (interval.isUnresolved()) return [];
  const seconds = interval.toSeconds({ integral: false });
  if (Number.isInteger(seconds) && seconds >= 60 && seconds <= 900) return [];
  return [{ key: 'bufferingInterval', message: `must be whole seconds, 60 to 900; got ${seconds} seconds` }];
}

function streamCountProblems(streams: number): PropProblem[] {
  return checkRecording({ streams }).map(({ message }) => ({ key: 'deliveryStreamCount', message }));
}

function isRole(principal: iam.IPrincipal): principal is iam.IRole {
  return 'roleArn' in principal;
}
