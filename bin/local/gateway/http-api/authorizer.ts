import type {
  APIGatewayEventRequestContextIAMAuthorizer,
  APIGatewayEventRequestContextJWTAuthorizer,
  APIGatewayEventRequestContextLambdaAuthorizer,
} from 'aws-lambda';
import type { LocalCaller } from '../../../config/config';

export type HttpAuthorizer =
  | APIGatewayEventRequestContextJWTAuthorizer
  | APIGatewayEventRequestContextLambdaAuthorizer<Readonly<Record<string, string>>>
  | APIGatewayEventRequestContextIAMAuthorizer;

/** `requestContext.authorizer`, by kind of authorizer. HTTP APIs know no API keys: such a caller is anonymous. */
export function httpAuthorizer(caller: LocalCaller | undefined): HttpAuthorizer | undefined {
  if (caller?.claims !== undefined) {
    return { jwt: { claims: caller.claims, scopes: caller.claims['scope']?.split(' ') ?? null } };
  }
  if (caller?.lambda !== undefined) return { lambda: caller.lambda };
  if (caller?.iam !== undefined) {
    const { accessKey = '', accountId, caller: id = '', userArn, principalOrgId = '' } = caller.iam;
    return {
      iam: { accessKey, accountId, callerId: id, cognitoIdentity: null, principalOrgId, userArn, userId: id },
    };
  }
  return undefined;
}
