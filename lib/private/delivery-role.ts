import { RemovalPolicy, Stack, Validations } from 'aws-cdk-lib';
import type * as glue from 'aws-cdk-lib/aws-glue';
import * as iam from 'aws-cdk-lib/aws-iam';
import type * as kms from 'aws-cdk-lib/aws-kms';
import type * as logs from 'aws-cdk-lib/aws-logs';
import type * as s3 from 'aws-cdk-lib/aws-s3';
import type { Construct } from 'constructs';

export interface DeliveryRoleProps {
  /** The name that it gets. */
  readonly roleName: string;
  readonly bucket: s3.IBucket;
  /** Under which it writes. */
  readonly prefixes: readonly string[];
  readonly key: kms.IKey;
  /** By whose columns it converts. */
  readonly tables: readonly glue.CfnTable[];
  readonly logGroup: logs.ILogGroup;
}

/**
 * The role of the delivery streams: what Firehose needs and nothing else, so neither deleting nor retention.
 *
 * @see https://docs.aws.amazon.com/firehose/latest/dev/controlling-access.html#using-iam-s3
 */
export function deliveryRole(scope: Construct, id: string, props: DeliveryRoleProps): iam.Role {
  const { roleName, bucket, prefixes, key, tables, logGroup } = props;
  const stack = Stack.of(scope);
  const objects = prefixes.map((prefix) => bucket.arnForObjects(`${prefix}*`));
  const glueArn = (resource: string, resourceName?: string) =>
    stack.formatArn({ service: 'glue', resource, ...(resourceName === undefined ? {} : { resourceName }) });

  // Policies that lie in the role are there before the streams that use it.
  const role = new iam.Role(scope, id, {
    roleName,
    description: 'Delivery streams: writes audit events and the edge log to the locked bucket',
    // Firehose names the account for which it acts, so that no other account's stream can use the role.
    assumedBy: new iam.ServicePrincipal('firehose.amazonaws.com', {
      conditions: { StringEquals: { 'sts:ExternalId': stack.account } },
    }),
    inlinePolicies: {
      Deliver: new iam.PolicyDocument({
        statements: [
          new iam.PolicyStatement({
            actions: ['s3:AbortMultipartUpload', 's3:GetObject', 's3:PutObject'],
            resources: objects,
          }),
          new iam.PolicyStatement({
            actions: ['s3:GetBucketLocation', 's3:ListBucket', 's3:ListBucketMultipartUploads'],
            resources: [bucket.bucketArn],
          }),
          new iam.PolicyStatement({
            actions: ['kms:Decrypt', 'kms:GenerateDataKey'],
            resources: [key.keyArn],
          }),
          new iam.PolicyStatement({
            actions: ['glue:GetTable', 'glue:GetTableVersion', 'glue:GetTableVersions'],
            resources: [
              glueArn('catalog'),
              ...new Set(tables.map(({ databaseName }) => glueArn('database', databaseName))),
              ...tables.map(({ databaseName, ref }) => glueArn('table', `${databaseName}/${ref}`)),
            ],
          }),
          new iam.PolicyStatement({ actions: ['logs:PutLogEvents'], resources: [logGroup.logGroupArn] }),
        ],
      }),
    },
  });
  // The streams are left behind to deliver what they hold, and need it for that.
  role.applyRemovalPolicy(RemovalPolicy.RETAIN);
  Validations.of(role).acknowledge(
    ...objects.map((_, index) => ({
      id: `AwsSolutions-IAM5[Resource::<${stack.getLogicalId(bucket.node.defaultChild as s3.CfnBucket)}.Arn>/${prefixes[index]}*]`,
      reason: 'Firehose chooses the names of the objects under its own prefixes',
    })),
  );
  return role;
}
