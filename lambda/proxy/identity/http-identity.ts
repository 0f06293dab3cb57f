import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import type { Who } from '../../../lib/event/request-facts';
import { whoOfClaims, type Claims } from './claims';
import { whoOfIam } from './iam';
import { anonymous, whoOfCertificate, whoOfLambdaAuthorizer } from './others';

/** What an HTTP API puts into `requestContext.authorizer`, by kind of authorizer. */
interface HttpAuthorizer {
  readonly iam?: {
    readonly userArn?: string | null;
    readonly accountId?: string | null;
    readonly accessKey?: string | null;
    readonly principalOrgId?: string | null;
  };
  readonly jwt?: { readonly claims?: Claims };
  readonly lambda?: Readonly<Record<string, unknown>> | null;
}

/** Who asked an HTTP API, strongest proof first. */
export function whoOfHttpEvent(context: APIGatewayProxyEventV2['requestContext']): Who {
  const authorizer = (context as { authorizer?: HttpAuthorizer }).authorizer;
  const iam = authorizer?.iam;
  if (iam?.userArn) {
    return whoOfIam({
      userArn: iam.userArn,
      accountId: iam.accountId ?? undefined,
      accessKeyId: iam.accessKey ?? undefined,
      organizationId: iam.principalOrgId ?? undefined,
    });
  }
  if (authorizer?.jwt?.claims) return whoOfClaims(authorizer.jwt.claims);
  // Null where the authorizer gave no context: it let somebody in all the same.
  if (authorizer?.lambda !== undefined) return whoOfLambdaAuthorizer(authorizer.lambda ?? {});
  const certificate = context.authentication?.clientCert;
  return certificate ? whoOfCertificate(certificate) : anonymous();
}
