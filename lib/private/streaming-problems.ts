import { gatewayResources } from '../routing/gateway-resources';
import type { Route } from '../routing/route';
import type { PropProblem } from './validation';

/**
 * Each path of its own takes four resources of a stack: two of the API, since a `{proxy+}` takes what lies below it, and a method on
 * each. A stack holds 500, which is reached before the API's own quota (300).
 *
 * @see https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cloudformation-limits.html
 * @see https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-execution-service-limits-table.html
 */
const MOST_PATHS = 500 / 4;

/** What is wrong with the routes that stream. @param isRest whether the API is a REST API */
export function streamingProblems(routes: readonly Route[], isRest: boolean): PropProblem[] {
  if (!isRest) {
    return routes.flatMap(({ streaming }, index) => {
      const message = 'must go with ApiType.REST, since an HTTP API passes no answer on before it is whole';
      return streaming ? [{ key: `routes[${index}].streaming`, message }] : [];
    });
  }
  const paths = gatewayResources(routes).length;
  if (paths <= MOST_PATHS) return [];
  const message =
    `must need at most ${MOST_PATHS} paths of the API, since each takes 4 of the 500 resources of a stack; got ${paths}, as paths ` +
    'that stream lie beside others that do not: put routes that stream below one that does, like "/stream", or let "/" stream';
  return [{ key: 'routes', message }];
}
