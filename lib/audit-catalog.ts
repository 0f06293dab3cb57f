import { Aws, Duration, RemovalPolicy, Size, Stack, Token } from 'aws-cdk-lib';
import * as athena from 'aws-cdk-lib/aws-athena';
import * as glue from 'aws-cdk-lib/aws-glue';
import * as iam from 'aws-cdk-lib/aws-iam';
import type * as kms from 'aws-cdk-lib/aws-kms';
import * as s3 from 'aws-cdk-lib/aws-s3';
import { Construct } from 'constructs';
import { EDGE_PREFIX, EVENTS_PREFIX, FALLBACK_PREFIX } from './event/keys';
import { edgeViews, eventsView } from './private/catalog-views';
import { kebabStackName, snakeStackName } from './private/names';
import { edgeTable, fallbackTable, rawTable } from './private/raw-table';
import { savedQueries } from './private/saved-queries';
import { refuse, type PropProblem } from './private/validation';

/** What can be chosen about an audit catalog. */
export interface AuditCatalogOptions {
  /**
   * Name of the Glue database: lower-case letters, digits and `_`.
   *
   * @default - the name of the stack in that form, e.g. `shop_audit` for `ShopAudit`
   */
  readonly databaseName?: string;

  /**
   * Name of the Athena workgroup: letters, digits, `_`, `-` and `.`.
   *
   * @default - the name of the stack, e.g. `shop-audit` for `ShopAudit`
   */
  readonly workGroupName?: string;

  /**
   * How much one query may read before Athena stops it; at least 10 MB.
   *
   * @default Size.gibibytes(100)
   */
  readonly scanLimit?: Size;

  /**
   * How long results of queries are kept.
   *
   * @default Duration.days(30)
   */
  readonly resultRetention?: Duration;
}

/** Props of an audit catalog. */
export interface AuditCatalogProps extends AuditCatalogOptions {
  /** The bucket of the trail, with events under `events/`. */
  readonly bucket: s3.IBucket;

  /** The key that encrypts the bucket. */
  readonly key: kms.IKey;

  /**
   * The key that encrypts results of queries; whoever queries can write under it.
   *
   * @default - `key`
   */
  readonly resultsKey?: kms.IKey;
}

const DEFAULT_SCAN_LIMIT = Size.gibibytes(100);
const DEFAULT_RESULT_RETENTION = Duration.days(30);
const MIN_SCAN_BYTES = 10_000_000;

/**
 * Makes a trail readable by SQL: tables with what was written (`audit_events_raw`, `audit_events_fallback_raw`,
 * `edge_requests_raw`); the view `audit_events` with one row a request; `edge_requests` with one row a request as API
 * Gateway saw it, and what has no counterpart in the other log (`unaudited_requests`, `not_invoked_requests`,
 * `refused_requests`, `unwitnessed_events`); an Athena workgroup with saved queries.
 */
export class AuditCatalog extends Construct {
  /** Name of the Glue database. */
  public readonly databaseName: string;

  /** Name of the Athena workgroup. */
  public readonly workGroupName: string;

  /** The table `audit_events_raw`. */
  public readonly rawTable: glue.CfnTable;

  /** The table `audit_events_fallback_raw`, with the events that were written to the bucket directly. */
  public readonly fallbackTable: glue.CfnTable;

  /** The table `edge_requests_raw`. */
  public readonly edgeTable: glue.CfnTable;

  /** The view `audit_events`, over both tables of events. */
  public readonly eventsView: glue.CfnTable;

  /** Takes the results of queries. */
  public readonly resultsBucket: s3.Bucket;

  private readonly bucket: s3.IBucket;
  private readonly key: kms.IKey;
  private readonly resultsKey: kms.IKey;

  constructor(scope: Construct, id: string, props: AuditCatalogProps) {
    super(scope, id);
    const { scanLimit = DEFAULT_SCAN_LIMIT, resultRetention = DEFAULT_RESULT_RETENTION } = props;
    this.bucket = props.bucket;
    this.key = props.key;
    this.resultsKey = props.resultsKey ?? props.key;
    this.databaseName = props.databaseName ?? snakeStackName(this);
    this.workGroupName = props.workGroupName ?? kebabStackName(this);
    refuse(this, [
      ...nameProblems('databaseName', this.databaseName, /^[a-z0-9_]{1,255}$/, 'lower-case letters, digits and "_"'),
      ...nameProblems('workGroupName', this.workGroupName, /^[\w.-]{1,128}$/, 'letters, digits, "_", "-" and "."'),
      ...scanLimitProblems(scanLimit),
    ]);

    const database = new glue.CfnDatabase(this, 'Database', {
      catalogId: Aws.ACCOUNT_ID,
      databaseInput: { name: this.databaseName, description: 'Audit events of an access proxy' },
    });
    this.rawTable = rawTable(this, 'RawTable', database, props.bucket);
    this.fallbackTable = fallbackTable(this, 'FallbackTable', database, props.bucket);
    this.edgeTable = edgeTable(this, 'EdgeTable', database, props.bucket);
    const at = { scope: this, database, databaseName: this.databaseName };
    this.eventsView = eventsView(at);
    edgeViews(at);
    this.resultsBucket = this.makeResultsBucket(resultRetention);
    this.makeWorkGroup(scanLimit);
  }

  /**
   * Lets a principal query the trail in the workgroup: read events, write and read results, use the saved queries.
   *
   * @param grantee who may query
   */
  public grantQuery(grantee: iam.IGrantable): void {
    const stack = Stack.of(this);
    const allow = (actions: string[], ...resourceArns: string[]) =>
      iam.Grant.addToPrincipal({ grantee, actions, resourceArns });
    allow(
      [
        'athena:BatchGetNamedQuery',
        'athena:GetNamedQuery',
        'athena:GetQueryExecution',
        'athena:GetQueryResults',
        'athena:GetWorkGroup',
        'athena:ListNamedQueries',
        'athena:StartQueryExecution',
        'athena:StopQueryExecution',
      ],
      stack.formatArn({ service: 'athena', resource: 'workgroup', resourceName: this.workGroupName }),
    );
    allow(
      ['glue:GetDatabase', 'glue:GetPartitions', 'glue:GetTable', 'glue:GetTables'],
      stack.formatArn({ service: 'glue', resource: 'catalog' }),
      stack.formatArn({ service: 'glue', resource: 'database', resourceName: this.databaseName }),
      stack.formatArn({ service: 'glue', resource: 'table', resourceName: `${this.databaseName}/*` }),
    );
    const prefixes = [EVENTS_PREFIX, FALLBACK_PREFIX, EDGE_PREFIX];
    allow(['s3:GetObject'], ...prefixes.map((prefix) => this.bucket.arnForObjects(`${prefix}*`)));
    allow(['s3:GetBucketLocation', 's3:ListBucket'], this.bucket.bucketArn, this.resultsBucket.bucketArn);
    allow(
      ['s3:AbortMultipartUpload', 's3:GetObject', 's3:ListMultipartUploadParts', 's3:PutObject'],
      this.resultsBucket.arnForObjects('*'),
    );
    allow(['kms:Decrypt'], this.key.keyArn);
    allow(['kms:Decrypt', 'kms:GenerateDataKey'], this.resultsKey.keyArn);
  }

  private makeResultsBucket(retention: Duration): s3.Bucket {
    return new s3.Bucket(this, 'Results', {
      blockPublicAccess: s3.BlockPublicAccess.BLOCK_ALL,
      objectOwnership: s3.ObjectOwnership.BUCKET_OWNER_ENFORCED,
      encryption: s3.BucketEncryption.KMS,
      encryptionKey: this.resultsKey,
      bucketKeyEnabled: true,
      enforceSSL: true,
      minimumTLSVersion: 1.2,
      removalPolicy: RemovalPolicy.RETAIN,
      lifecycleRules: [{ expiration: retention, abortIncompleteMultipartUploadAfter: Duration.days(1) }],
    });
  }

  private makeWorkGroup(scanLimit: Size): void {
    const workGroup = new athena.CfnWorkGroup(this, 'WorkGroup', {
      name: this.workGroupName,
      description: 'Queries over audit events',
      // Its history would otherwise keep the stack from being deleted.
      recursiveDeleteOption: true,
      workGroupConfiguration: {
        enforceWorkGroupConfiguration: true,
        publishCloudWatchMetricsEnabled: true,
        bytesScannedCutoffPerQuery: scanLimit.toBytes(),
        engineVersion: { selectedEngineVersion: 'Athena engine version 3' },
        resultConfiguration: {
          outputLocation: `s3://${this.resultsBucket.bucketName}/`,
          expectedBucketOwner: Aws.ACCOUNT_ID,
          encryptionConfiguration: { encryptionOption: 'SSE_KMS', kmsKey: this.resultsKey.keyArn },
        },
      },
    });
    for (const { id, name, description, sql } of savedQueries) {
      const query = new athena.CfnNamedQuery(this, `Query${id}`, {
        name,
        description,
        database: this.databaseName,
        workGroup: this.workGroupName,
        queryString: sql,
      });
      query.addResourceDependency(workGroup);
    }
  }
}

function nameProblems(key: string, name: string, allowed: RegExp, words: string): PropProblem[] {
  // Names stand inside the encoded view, so they must be known at synth.
  if (Token.isUnresolved(name)) return [{ key, message: 'must be known at synth; got a token' }];
  return allowed.test(name) ? [] : [{ key, message: `must be ${words}; got "${name}"` }];
}

function scanLimitProblems(limit: Size): PropProblem[] {
  const bytes = limit.isUnresolved() ? MIN_SCAN_BYTES : limit.toBytes();
  return bytes >= MIN_SCAN_BYTES
    ? []
    : [{ key: 'scanLimit', message: `must be at least 10 MB, as Athena asks for; got ${bytes} bytes` }];
}
