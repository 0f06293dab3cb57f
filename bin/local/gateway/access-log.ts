import type { ApiKind } from '../../../lib/edge-log/record';
import type { Refusal } from './api';

/** How the access log of a kind of API writes what depends on the kind. */
export interface AccessLog {
  readonly kind: ApiKind;
  readonly stage: string;
  /** `$context.path` of a path as it came. */
  path(path: string): string;
  /** `$context.resourcePath` or `$context.routeKey` of a path as it came, and the API's resource that it belongs to. */
  resource(path: string, resource: string): string;
  /** `$context.error.responseType` of the gateway's own answers; a kind of answer that is not named has none. */
  readonly errorTypes: Readonly<Partial<Record<Refusal, string>>>;
  /** `$context.integration.error` for what a failed function said. */
  functionError(message: string): string;
}
