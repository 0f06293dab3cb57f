import { Stack } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import type * as firehose from 'aws-cdk-lib/aws-kinesisfirehose';
import type * as kms from 'aws-cdk-lib/aws-kms';
import * as logs from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';

export interface EdgeLogSubscriptionProps {
  readonly logGroup: logs.ILogGroup;
  readonly stream: firehose.IDeliveryStream;
  /** Encrypts what the stream holds. */
  readonly key: kms.IKey;
}

/**
 * Carries every line of an access log to a delivery stream. An HTTP API writes its access log to CloudWatch Logs and
 * nowhere else.
 *
 * @see https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/SubscriptionFilters.html#FirehoseExample
 */
export class EdgeLogSubscription extends Construct {
  constructor(scope: Construct, id: string, { logGroup, stream, key }: EdgeLogSubscriptionProps) {
    super(scope, id);
    const { account, region, partition } = Stack.of(this);
    // Policies that lie in the role are there before the subscription, which tries them out.
    const role = new iam.Role(this, 'Role', {
      description: 'CloudWatch Logs: puts the access log of the HTTP API into its delivery stream',
      // Names the account, so that no other account's log can use the role.
      assumedBy: new iam.ServicePrincipal('logs.amazonaws.com', {
        conditions: { StringLike: { 'aws:SourceArn': `arn:${partition}:logs:${region}:${account}:*` } },
      }),
      inlinePolicies: {
        Put: new iam.PolicyDocument({
          statements: [
            new iam.PolicyStatement({
              actions: ['firehose:PutRecord', 'firehose:PutRecordBatch'],
              resources: [stream.deliveryStreamArn],
            }),
            // Firehose asks these of whoever puts records into a stream under a key of the account.
            new iam.PolicyStatement({ actions: ['kms:Decrypt', 'kms:GenerateDataKey'], resources: [key.keyArn] }),
          ],
        }),
      },
    });
    new logs.CfnSubscriptionFilter(this, 'Filter', {
      logGroupName: logGroup.logGroupName,
      destinationArn: stream.deliveryStreamArn,
      roleArn: role.roleArn,
      filterPattern: '',
    });
  }
}
