import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import { callerOf, type Caller } from '../../../lib/identity/caller';
import type { ClaimNames } from '../../../lib/identity/claim-names';
import type { Claims } from '../../../lib/identity/claim-values';

/** What an HTTP API puts into `requestContext.authorizer`, by kind of authorizer. */
interface HttpAuthorizer {
  readonly iam?: {
    readonly userArn?: string | null;
    readonly accountId?: string | null;
    readonly accessKey?: string | null;
    readonly principalOrgId?: string | null;
    readonly cognitoIdentity?: { readonly identityId?: string | null } | null;
  };
  readonly jwt?: { readonly claims?: Claims; readonly scopes?: readonly string[] | null };
  readonly lambda?: Claims | null;
}

/**
 * Who asked an HTTP API.
 *
 * @param chosen names of claims that hold in place of the usual ones
 * @see https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html
 */
export function whoOfHttpEvent(context: APIGatewayProxyEventV2['requestContext'], chosen: ClaimNames = {}): Caller {
  const { iam, jwt, lambda } = (context as { authorizer?: HttpAuthorizer }).authorizer ?? {};
  return callerOf(
    {
      iam: iam?.userArn
        ? {
            userArn: iam.userArn,
            accountId: iam.accountId ?? undefined,
            accessKeyId: iam.accessKey ?? undefined,
            organizationId: iam.principalOrgId ?? undefined,
            cognitoIdentityId: iam.cognitoIdentity?.identityId ?? undefined,
          }
        : undefined,
      claims: jwt?.claims,
      scopes: chosen.scopes === undefined ? (jwt?.scopes ?? undefined) : undefined,
      // Null where the authorizer gave no context: it let somebody in all the same.
      lambda: lambda === null ? {} : lambda,
      certificate: context.authentication?.clientCert,
    },
    chosen,
  );
}
