import { Annotations, Token } from 'aws-cdk-lib';
import type { IConstruct } from 'constructs';
import type { RouteProps } from '../route-props';
import { checkRoute, resolveRoute, type Route, type RouteInput } from '../routing/route';
import { connectionInput, connectionProblems } from './connection';
import { recordInput, recordProblems } from './record-rules';
import { refuse, type PropProblem } from './validation';

/**
 * Checks the routes of an access proxy and fills in their defaults.
 *
 * @throws ValidationError with all problems of all routes.
 */
export function resolveRoutes(scope: IConstruct, routes: readonly RouteProps[]): Route[] {
  const inputs = routes.map(routeInput);
  refuse(scope, [
    ...atLeastOne(inputs),
    ...wrongKeys(inputs),
    ...connectionProblems(inputs),
    ...recordProblems(inputs),
    ...samePaths(inputs),
  ]);
  inputs.forEach((input, index) => warnOfLoopback(scope, input, index));
  return inputs.map(resolveRoute);
}

function routeInput({ timeout, record, connection, ...route }: RouteProps): RouteInput {
  return {
    ...route,
    timeoutMs: timeout?.toMilliseconds(),
    record: record && recordInput(record),
    connection: connection && connectionInput(connection),
  };
}

function atLeastOne(inputs: readonly RouteInput[]): PropProblem[] {
  return inputs.length > 0 ? [] : [{ key: 'routes', message: 'must hold at least 1 route; got none' }];
}

function wrongKeys(inputs: readonly RouteInput[]): PropProblem[] {
  return inputs.flatMap((input, index) =>
    checkRoute(input, (value) => Token.isUnresolved(value)).map(({ key, message }) => ({
      key: `routes[${index}].${key === 'timeoutMs' ? 'timeout' : key}`,
      message,
    })),
  );
}

function samePaths(inputs: readonly RouteInput[]): PropProblem[] {
  return inputs.flatMap(({ path }, index) => {
    const first = inputs.findIndex((other) => other.path === path);
    if (first === index) return [];
    const message = `must be the path of one route only; "${path}" is the path of routes[${first}] too`;
    return [{ key: `routes[${index}].path`, message }];
  });
}

const LOOPBACK = /^(localhost|127(\.\d+){3}|0\.0\.0\.0|\[::1?\])$/;

function warnOfLoopback(scope: IConstruct, { upstream }: RouteInput, index: number): void {
  if (Token.isUnresolved(upstream) || !LOOPBACK.test(new URL(upstream).hostname)) return;
  Annotations.of(scope).addWarningV2(
    `cdk-audit-proxy:loopbackUpstream${index}`,
    `routes[${index}].upstream is ${upstream}: the deployed function cannot reach it, since that is the function's own loopback address`,
  );
}
