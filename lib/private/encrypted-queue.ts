import type * as kms from 'aws-cdk-lib/aws-kms';
import * as sqs from 'aws-cdk-lib/aws-sqs';
import type { Construct } from 'constructs';

/** How long SQS uses one data key, in seconds. Each new one is a call of KMS. */
const DATA_KEY_SECONDS = 3_600;

/** A queue under a key, or under one of SQS where there is none. */
export function encryptedQueue(
  scope: Construct,
  id: string,
  props: sqs.QueueProps & { readonly key: kms.IKey | undefined },
): sqs.Queue {
  const { key, ...rest } = props;
  if (key === undefined) {
    return new sqs.Queue(scope, id, { ...rest, enforceSSL: true, encryption: sqs.QueueEncryption.SQS_MANAGED });
  }
  const queue = new sqs.Queue(scope, id, { ...rest, enforceSSL: true });
  // By hand: a target of a rule would name the rule in the key's policy, and the rule is not there before the queue.
  const resource = queue.node.defaultChild as sqs.CfnQueue;
  resource.kmsMasterKeyId = key.keyArn;
  resource.kmsDataKeyReusePeriodSeconds = DATA_KEY_SECONDS;
  return queue;
}
