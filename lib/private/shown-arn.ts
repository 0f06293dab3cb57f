import { Stack } from 'aws-cdk-lib';
import type * as s3 from 'aws-cdk-lib/aws-s3';
import type { IConstruct } from 'constructs';

/**
 * The ARN of a bucket as cdk-nag shows it: a resource of the same stack, or what another stack exports. Of a bucket that
 * no stack of the app makes, as it comes.
 */
export function shownArn(holder: IConstruct, bucket: s3.IBucket): string {
  const resource = bucket.node.defaultChild;
  if (resource === undefined) return bucket.bucketArn;
  const stack = Stack.of(bucket);
  if (stack === Stack.of(holder)) return `<${stack.getLogicalId(resource as s3.CfnBucket)}.Arn>`;
  // The export is made by the reference anyway; this only tells its name.
  const imported = stack.resolve(stack.exportValue(bucket.bucketArn)) as { 'Fn::ImportValue': string };
  return imported['Fn::ImportValue'];
}
