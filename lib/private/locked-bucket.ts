import { Lazy, RemovalPolicy, type Duration } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import type * as kms from 'aws-cdk-lib/aws-kms';
import * as s3 from 'aws-cdk-lib/aws-s3';
import { Construct } from 'constructs';

export interface LockedBucketProps {
  readonly key: kms.IKey;
  readonly retention: Duration;
  /** Who may change the policy and the settings of the bucket; ARNs, `*` allowed. */
  readonly deployRoleArns: readonly string[];
}

/**
 * The bucket in which audit events come to rest. Object Lock (COMPLIANCE) keeps every version from being deleted or
 * changed; the bucket policy keeps them from being hidden, and each prefix to its writers.
 *
 * Lifecycle rules do not ask the bucket policy, so setting them is what is denied.
 */
export class LockedBucket extends Construct {
  readonly bucket: s3.Bucket;
  private readonly writtenPrefixes: string[] = [];
  /** ARNs of roles, by what they write. */
  private readonly writers = new Map<string, string[]>();

  constructor(scope: Construct, id: string, props: LockedBucketProps) {
    super(scope, id);
    this.bucket = new s3.Bucket(this, 'Bucket', {
      objectLockEnabled: true,
      objectLockDefaultRetention: s3.ObjectLockRetention.compliance(props.retention),
      versioned: true,
      blockPublicAccess: s3.BlockPublicAccess.BLOCK_ALL,
      objectOwnership: s3.ObjectOwnership.BUCKET_OWNER_ENFORCED,
      encryption: s3.BucketEncryption.KMS,
      encryptionKey: props.key,
      bucketKeyEnabled: true,
      enforceSSL: true,
      minimumTLSVersion: 1.2,
      removalPolicy: RemovalPolicy.RETAIN,
    });
    this.tellEventBridge();
    this.denyRemoval();
    this.denySettings(props.deployRoleArns);
    this.denyOtherKeys(props.key);
    this.denyOtherPrefixes();
    // The policy guards what is left behind when the stack is deleted.
    this.bucket.policy?.applyRemovalPolicy(RemovalPolicy.RETAIN);
  }

  /**
   * Lets a role write under prefixes, and nobody who has not been let so under the same name; until there is a first one,
   * nobody can write there at all. Each still needs an allowing policy of its own.
   */
  allowOnlyWriter(name: string, prefixes: readonly string[], role: Pick<iam.IRole, 'roleArn'>): void {
    const writers = this.writers.get(name);
    if (writers !== undefined) {
      writers.push(role.roleArn);
      return;
    }
    const roleArns = [role.roleArn];
    this.writers.set(name, roleArns);
    this.writtenPrefixes.push(...prefixes);
    this.deny(`OnlyWriter${name}`, ['s3:PutObject'], prefixes.map(objectsUnder), {
      ArnNotEquals: { 'aws:PrincipalArn': Lazy.list({ produce: () => roleArns }) },
    });
  }

  /**
   * What is under a prefix is written once: a put must say that there may be no such object (`If-None-Match: *`), so that
   * no later version hides an earlier one.
   *
   * @see https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes-enforce.html
   */
  neverOverwrite(name: string, prefixes: readonly string[]): void {
    this.deny(`${name}IsWrittenOnce`, ['s3:PutObject'], prefixes.map(objectsUnder), {
      Null: { 's3:if-none-match': 'true' },
    });
  }

  /**
   * These keys are replaced, but never by who has not read what is there: a put must say that there may be no such object,
   * or which state of it (`If-Match`).
   */
  onlySwap(name: string, keys: readonly string[]): void {
    this.deny(`${name}IsSwapped`, ['s3:PutObject'], keys, {
      Null: { 's3:if-none-match': 'true', 's3:if-match': 'true' },
    });
  }

  /** Of every object. On the resource itself: `eventBridgeEnabled` of the L2 would add a function that sets it. */
  private tellEventBridge(): void {
    const bucket = this.bucket.node.defaultChild as s3.CfnBucket;
    bucket.notificationConfiguration = { eventBridgeConfiguration: { eventBridgeEnabled: true } };
  }

  /** Nothing is removed or hidden, not even after its retention; disposal by rule is a lifecycle rule. */
  private denyRemoval(): void {
    this.deny(
      'NobodyRemoves',
      [
        's3:DeleteObject',
        's3:DeleteObjectVersion',
        's3:BypassGovernanceRetention',
        // A writer with this right could also put an object with a shorter retention than the default.
        's3:PutObjectRetention',
        // Under another key an object that is locked could be made unreadable.
        's3:UpdateObjectEncryption',
        // Replication into the bucket is another way to write and to hide.
        's3:ReplicateDelete',
        's3:ReplicateObject',
      ],
      ['*'],
    );
  }

  private denySettings(deployRoleArns: readonly string[]): void {
    this.bucket.addToResourcePolicy(
      new iam.PolicyStatement({
        sid: 'OnlyDeployRolesChangeSettings',
        effect: iam.Effect.DENY,
        principals: [new iam.AnyPrincipal()],
        actions: [
          's3:DeleteBucket',
          's3:DeleteBucketPolicy',
          's3:PutBucketAcl',
          's3:PutBucketLogging',
          's3:PutBucketObjectLockConfiguration',
          's3:PutBucketOwnershipControls',
          's3:PutBucketPolicy',
          's3:PutBucketPublicAccessBlock',
          's3:PutBucketVersioning',
          's3:PutEncryptionConfiguration',
          's3:PutLifecycleConfiguration',
          's3:PutReplicationConfiguration',
        ],
        resources: [this.bucket.bucketArn],
        conditions: { ArnNotLike: { 'aws:PrincipalArn': [...deployRoleArns] } },
      }),
    );
  }

  /**
   * An object under somebody else's key could be made unreadable by them. Without a header S3 takes the bucket's key, and
   * the condition keys are absent; a negated operator alone would match that too.
   */
  private denyOtherKeys(key: kms.IKey): void {
    const algorithm = 's3:x-amz-server-side-encryption';
    const keyId = 's3:x-amz-server-side-encryption-aws-kms-key-id';
    this.deny('OnlyKmsEncryption', ['s3:PutObject'], ['*'], {
      Null: { [algorithm]: 'false' },
      StringNotEquals: { [algorithm]: 'aws:kms' },
    });
    this.deny('OnlyTheTrailKey', ['s3:PutObject'], ['*'], {
      Null: { [keyId]: 'false' },
      StringNotEquals: { [keyId]: key.keyArn },
    });
    this.deny('NoKeysOfClients', ['s3:PutObject'], ['*'], {
      Null: { 's3:x-amz-server-side-encryption-customer-algorithm': 'false' },
    });
  }

  private denyOtherPrefixes(): void {
    this.bucket.addToResourcePolicy(
      new iam.PolicyStatement({
        sid: 'NobodyWritesElsewhere',
        effect: iam.Effect.DENY,
        principals: [new iam.AnyPrincipal()],
        actions: ['s3:PutObject'],
        notResources: Lazy.list({
          produce: () => this.writtenPrefixes.map((prefix) => this.bucket.arnForObjects(objectsUnder(prefix))),
        }),
      }),
    );
  }

  private deny(
    sid: string,
    actions: string[],
    keyPatterns: readonly string[],
    conditions?: Record<string, unknown>,
  ): void {
    this.bucket.addToResourcePolicy(
      new iam.PolicyStatement({
        sid,
        effect: iam.Effect.DENY,
        principals: [new iam.AnyPrincipal()],
        actions,
        resources: keyPatterns.map((pattern) => this.bucket.arnForObjects(pattern)),
        ...(conditions === undefined ? {} : { conditions }),
      }),
    );
  }
}

function objectsUnder(prefix: string): string {
  return `${prefix}*`;
}
