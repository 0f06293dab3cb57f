import type { APIGatewayProxyEvent } from 'aws-lambda';
import { callerOf, type Caller } from '../../../lib/identity/caller';
import type { ClaimNames } from '../../../lib/identity/claim-names';
import type { Claims } from '../../../lib/identity/claim-values';

/**
 * Who asked a REST API. `identity.apiKey` is the key itself and is never looked at.
 *
 * @param chosen names of claims that hold in place of the usual ones
 * @see https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-mapping-template-reference.html#context-variable-reference
 */
export function whoOfRestEvent(context: APIGatewayProxyEvent['requestContext'], chosen: ClaimNames = {}): Caller {
  const { identity } = context;
  const authorizer = context.authorizer as Readonly<Record<string, unknown>> | null | undefined;
  const claims = isObject(authorizer?.claims) ? authorizer.claims : undefined;
  return callerOf(
    {
      iam: identity.userArn
        ? {
            userArn: identity.userArn,
            accountId: identity.accountId ?? undefined,
            accessKeyId: identity.accessKey ?? undefined,
            organizationId: identity.principalOrgId ?? undefined,
            cognitoIdentityId: identity.cognitoIdentityId ?? undefined,
          }
        : undefined,
      claims,
      scopes:
        chosen.scopes === undefined && Array.isArray(authorizer?.scopes) ? authorizer.scopes.map(String) : undefined,
      lambda: claims === undefined ? lambdaContext(authorizer) : undefined,
      certificate: identity.clientCert ?? undefined,
      apiKeyId: identity.apiKeyId ?? undefined,
    },
    chosen,
  );
}

/** Without an authorizer there may still be its latency, and in format 1.0 of HTTP APIs what is null. */
function lambdaContext(authorizer: Claims | null | undefined): Claims | undefined {
  const { integrationLatency: _, ...given } = authorizer ?? {};
  const context = Object.entries(given).filter(([, value]) => value != null);
  return context.length === 0 ? undefined : Object.fromEntries(context);
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}
