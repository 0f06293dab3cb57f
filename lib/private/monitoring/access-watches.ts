import { Fn, Stack } from 'aws-cdk-lib';
import type * as iam from 'aws-cdk-lib/aws-iam';
import type * as secretsmanager from 'aws-cdk-lib/aws-secretsmanager';
import type { WatchedSecret } from '../guarded-proxy';
import { allBut, beginningWith, calls, exactly, inPortions, type Watch } from './calls';

const APIS_OF_ONE_WATCH = 8;

/**
 * Everything that changes an API: the log settings of its stage, its integrations, methods, routes and deployments. REST
 * APIs are `restApiId`, HTTP APIs `apiId`.
 *
 * @see https://docs.aws.amazon.com/apigateway/latest/developerguide/cloudtrail.html
 */
export function apiWatches(apiIds: readonly string[]): Watch[] {
  return inPortions(apiIds, APIS_OF_ONE_WATCH).map((portion, n) => ({
    id: `ApiCalls${n}`,
    description: 'Changes to the APIs in front of the proxy functions',
    eventPattern: calls('apigateway', allBut('Get', 'Test'), [
      { restApiId: portion.map(exactly) },
      { apiId: portion.map(exactly) },
    ]),
  }));
}

/** Changes to a secret: its value, policy, key and rotation. Its own rotation is none. */
export function secretWatches(secrets: readonly WatchedSecret[]): Watch[] {
  return secrets.map(({ secret, rotationRole }, n) => {
    const { detail, ...pattern } = calls('secretsmanager', allBut('BatchGet', 'Describe', 'Get', 'List', 'Validate'), [
      { secretId: spellings(secret) },
    ]);
    return {
      id: `SecretCalls${n}`,
      description: 'Changes to the secrets of the access proxies',
      eventPattern: {
        ...pattern,
        detail: { ...detail, ...(rotationRole && { userIdentity: anybodyBut(rotationRole) }) },
      },
    };
  });
}

/** Not every caller has a role. */
function anybodyBut({ roleArn }: iam.IRole) {
  return { sessionContext: { sessionIssuer: { arn: [{ exists: false }, { 'anything-but': roleArn }] } } };
}

/**
 * A secret is named by its name, or by its ARN with or without the six characters at its end.
 *
 * @see https://docs.aws.amazon.com/secretsmanager/latest/userguide/troubleshoot.html#ARN_secretnamehyphen
 */
function spellings(secret: secretsmanager.ISecret) {
  const name = nameOf(secret);
  const arn = Stack.of(secret).formatArn({ service: 'secretsmanager', resource: `secret:${name}` });
  return [exactly(name), beginningWith(arn)];
}

/** CloudFormation calls a secret `<logical id>-<random>`, and its ARN ends in `-` and six characters. */
function nameOf({ secretArn }: secretsmanager.ISecret): string {
  const parts = Fn.split('-', Fn.select(6, Fn.split(':', secretArn)));
  return Fn.join('-', [Fn.select(0, parts), Fn.select(1, parts)]);
}
