import type { PolicyRequest } from '../../lib/policy/policy';
import { policyPath } from '../../lib/policy/policy-path';
import { readPath } from '../../lib/routing/path-readings';

/** What differs of a request; its path as a caller would send it. */
export type RequestChanges = Partial<Omit<PolicyRequest, 'path'>> & {
  readonly path?: string;
  readonly ignoresCase?: boolean;
};

/** `GET /orders/7` of somebody, but for the changes. All readings of an ambiguous path are asked about. */
export function policyRequest(
  caller: PolicyRequest['caller'],
  { path = '/orders/7', ignoresCase = false, ...changes }: RequestChanges = {},
): PolicyRequest {
  return {
    method: 'GET',
    path: policyPath(readPath(path), ignoresCase),
    routePath: '/orders',
    caller,
    sourceIp: '10.1.2.3',
    time: Date.UTC(2026, 10, 24, 12),
    headers: [],
    ...changes,
  };
}
