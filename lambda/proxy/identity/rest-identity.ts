import type { APIGatewayProxyEvent } from 'aws-lambda';
import type { Who } from '../../../lib/event/request-facts';
import { whoOfClaims, type Claims } from './claims';
import { whoOfIam } from './iam';
import { anonymous, whoOfApiKey, whoOfCertificate, whoOfLambdaAuthorizer, withApiKey } from './others';

/** Who asked a REST API, strongest proof first. `identity.apiKey` is the key itself and is never looked at. */
export function whoOfRestEvent(context: APIGatewayProxyEvent['requestContext']): Who {
  const { identity } = context;
  const authorizer = context.authorizer as Readonly<Record<string, unknown>> | null | undefined;
  const apiKeyId = identity.apiKeyId ?? undefined;

  if (identity.userArn) {
    return withApiKey(
      whoOfIam({
        userArn: identity.userArn,
        accountId: identity.accountId ?? undefined,
        accessKeyId: identity.accessKey ?? undefined,
        organizationId: identity.principalOrgId ?? undefined,
      }),
      apiKeyId,
    );
  }
  if (isObject(authorizer?.claims)) return withApiKey(whoOfClaims(authorizer.claims as Claims), apiKeyId);
  if (authorizer && Object.keys(authorizer).some((key) => key !== 'integrationLatency')) {
    return withApiKey(whoOfLambdaAuthorizer(authorizer), apiKeyId);
  }
  if (identity.clientCert) return withApiKey(whoOfCertificate(identity.clientCert), apiKeyId);
  return apiKeyId ? whoOfApiKey(apiKeyId) : anonymous();
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}
