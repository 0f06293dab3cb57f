import { Token } from 'aws-cdk-lib';
import type { AccessProxyOptions } from '../access-proxy';
import { AuthorizationKind, type Authorization } from '../authorization';
import { checkClaimNames } from '../identity/claim-names';
import { DEFAULT_MAX_BODY_BYTES } from '../routing/proxy-settings';
import type { PropProblem } from './validation';

/** What is wrong with who is let in, how, and with how much. @param isRest whether the API is a REST API, else an HTTP API */
export function accessProblems(
  options: AccessProxyOptions,
  authorization: Authorization,
  isRest: boolean,
): PropProblem[] {
  return [
    ...authorizationProblems(isRest, authorization),
    ...vpcProblems(options),
    ...sizeProblems(options),
    ...claimNameProblems(options),
    ...gatewaySecretProblems(options),
  ];
}

function authorizationProblems(isRest: boolean, { kind, userPools, jwtProps }: Authorization): PropProblem[] {
  const wrong = (message: string) => [{ key: 'authorization', message }];
  if (kind === AuthorizationKind.JWT && isRest) {
    return wrong('Authorization.jwt() fits ApiType.HTTP only; got ApiType.REST, which takes Authorization.cognito()');
  }
  if (kind === AuthorizationKind.COGNITO && !isRest) {
    return wrong(
      'Authorization.cognito() fits ApiType.REST only; got ApiType.HTTP, which takes Authorization.jwt() with the user pool as the issuer',
    );
  }
  if (userPools?.length === 0) return wrong('Authorization.cognito() must get at least 1 user pool; got none');
  if (jwtProps?.audience.length === 0) return wrong('Authorization.jwt() must get at least 1 audience; got none');
  return [];
}

function claimNameProblems({ identity }: AccessProxyOptions): PropProblem[] {
  return checkClaimNames(identity?.claims ?? {}).map(({ key, message }) => ({
    key: `identity.claims.${key}`,
    message,
  }));
}

function vpcProblems({ vpc, vpcSubnets, securityGroups }: AccessProxyOptions): PropProblem[] {
  if (vpc !== undefined) return [];
  const message = 'must go with vpc; got no vpc';
  return [
    ...(vpcSubnets === undefined ? [] : [{ key: 'vpcSubnets', message }]),
    ...(securityGroups === undefined ? [] : [{ key: 'securityGroups', message }]),
  ];
}

function sizeProblems({ maxBodySize }: AccessProxyOptions): PropProblem[] {
  if (maxBodySize === undefined || maxBodySize.isUnresolved()) return [];
  const bytes = maxBodySize.toBytes();
  if (bytes <= DEFAULT_MAX_BODY_BYTES) return [];
  const message = `must be at most ${DEFAULT_MAX_BODY_BYTES} bytes (4 MiB), since a function takes 6 MB and bodies travel as base64; got ${bytes} bytes`;
  return [{ key: 'maxBodySize', message }];
}

function gatewaySecretProblems({ gatewaySecretVersion: version }: AccessProxyOptions): PropProblem[] {
  const isRight =
    version === undefined || (Number.isSafeInteger(version) && version >= 1 && !Token.isUnresolved(version));
  const message = `must be a whole number from 1, known when the app is synthesized; got ${version}`;
  return isRight ? [] : [{ key: 'gatewaySecretVersion', message }];
}
