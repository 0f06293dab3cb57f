import { Aws, RemovalPolicy, Stack } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as kms from 'aws-cdk-lib/aws-kms';
import type { Construct } from 'constructs';
import { accountDecides, nobodyTakesAway, onlyDeployRolesChangePolicy } from './key-policy';

/**
 * The key of what runs the trail and isn't part of it: log groups, queues and secrets. CloudWatch Logs and EventBridge must be
 * able to use it, which they must not with the trail's own key.
 */
export function operationalKey(scope: Construct, id: string, deployRoleArns: readonly string[]): kms.Key {
  return new kms.Key(scope, id, {
    description: 'Audit trail: encrypts log groups, queues and secrets of what runs it',
    enableKeyRotation: true,
    removalPolicy: RemovalPolicy.RETAIN,
    policy: new iam.PolicyDocument({
      statements: [
        accountDecides(),
        logGroupsOfThisAccount(scope),
        eventsOfThisAccount(),
        nobodyTakesAway(['kms:DisableKey', 'kms:DisableKeyRotation', 'kms:ScheduleKeyDeletion']),
        onlyDeployRolesChangePolicy(deployRoleArns),
      ],
    }),
  });
}

/** Lets a role read secrets that this key encrypts. Through Secrets Manager only: the key by itself opens nothing. */
export function readSecretsStatement(key: kms.IKey): iam.PolicyStatement {
  return throughSecretsManager(key, ['kms:Decrypt']);
}

/** Lets a role write new versions of them, too. */
export function writeSecretsStatement(key: kms.IKey): iam.PolicyStatement {
  return throughSecretsManager(key, ['kms:Decrypt', 'kms:GenerateDataKey']);
}

/** @see https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/encrypt-log-data-kms.html */
function logGroupsOfThisAccount(scope: Construct): iam.PolicyStatement {
  const groups = `arn:${Aws.PARTITION}:logs:${Aws.REGION}:${Aws.ACCOUNT_ID}:log-group:*`;
  return new iam.PolicyStatement({
    sid: 'LogGroupsOfThisAccount',
    principals: [new iam.ServicePrincipal(`logs.${Stack.of(scope).region}.amazonaws.com`)],
    actions: ['kms:Decrypt*', 'kms:Describe*', 'kms:Encrypt*', 'kms:GenerateDataKey*', 'kms:ReEncrypt*'],
    resources: ['*'],
    conditions: { ArnLike: { 'kms:EncryptionContext:aws:logs:arn': groups } },
  });
}

/**
 * Rules put messages into encrypted queues. Only the account is named: a rule would have to be there before the key, and the
 * key before the rule.
 *
 * @see https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-key-management.html#compatibility-with-aws-services
 */
function eventsOfThisAccount(): iam.PolicyStatement {
  return new iam.PolicyStatement({
    sid: 'EventsOfThisAccount',
    principals: [new iam.ServicePrincipal('events.amazonaws.com')],
    actions: ['kms:Decrypt', 'kms:GenerateDataKey'],
    resources: ['*'],
    conditions: { StringEquals: { 'aws:SourceAccount': Aws.ACCOUNT_ID } },
  });
}

function throughSecretsManager(key: kms.IKey, actions: string[]): iam.PolicyStatement {
  return new iam.PolicyStatement({
    actions,
    resources: [key.keyArn],
    conditions: { StringEquals: { 'kms:ViaService': `secretsmanager.${Stack.of(key).region}.amazonaws.com` } },
  });
}
