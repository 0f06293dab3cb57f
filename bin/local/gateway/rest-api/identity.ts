import type { APIGatewayEventDefaultAuthorizerContext, APIGatewayProxyEvent } from 'aws-lambda';
import type { LocalCaller } from '../../../config/config';
import { clientCertificate } from '../client-certificate';
import { headerValue, type ClientRequest } from '../client-request';

/** `requestContext.identity`: filled in by IAM authorization, and by API keys. */
export function restIdentity(request: ClientRequest): APIGatewayProxyEvent['requestContext']['identity'] {
  const iam = request.caller?.iam;
  return {
    accessKey: iam?.accessKey ?? null,
    accountId: iam?.accountId ?? null,
    // The value of the key itself; it is a secret, and there is none on one machine.
    apiKey: null,
    apiKeyId: request.caller?.apiKeyId ?? null,
    caller: iam?.caller ?? null,
    clientCert: request.caller?.certificate ? clientCertificate(request.caller.certificate) : null,
    cognitoAuthenticationProvider: null,
    cognitoAuthenticationType: null,
    cognitoIdentityId: null,
    cognitoIdentityPoolId: null,
    principalOrgId: iam?.principalOrgId ?? null,
    sourceIp: request.sourceIp,
    user: iam?.caller ?? null,
    userAgent: headerValue(request.headers, 'user-agent') ?? null,
    userArn: iam?.userArn ?? null,
  };
}

/** `requestContext.authorizer`: a Cognito authorizer's claims, or a Lambda authorizer's context; else left out. */
export function restAuthorizer(caller: LocalCaller | undefined): APIGatewayEventDefaultAuthorizerContext {
  if (caller?.claims !== undefined) return { claims: caller.claims };
  if (caller?.lambda !== undefined) return { ...caller.lambda, integrationLatency: 0 };
  return undefined;
}
