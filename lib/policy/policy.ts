import type { HeaderPair } from '../event/privacy/headers';
import type { Caller } from '../identity/caller';
import type { PolicyPath } from './policy-path';

/** What is decided about: a request with a route, after it is known who asks. */
export interface PolicyRequest {
  readonly method: string;
  /** As services may read what is forwarded. */
  readonly path: PolicyPath;
  /** Path prefix of its route. */
  readonly routePath: string;
  readonly caller: Caller;
  /** Address as the edge saw it; undefined where it gave none. */
  readonly sourceIp?: string | undefined;
  /** When the request arrived, epoch milliseconds. */
  readonly time: number;
  readonly headers: readonly HeaderPair[];
}

/** What a policy says of one request. */
export interface Decision {
  readonly allowed: boolean;
  /** Names of the rules that decided, at least one. */
  readonly rules: readonly string[];
  /** Why the path may be read in more than one way, where that was the reason. */
  readonly ambiguity?: string | undefined;
}

/** Rules, ready to be asked. */
export interface Policy {
  readonly kind: 'rules' | 'cedar';
  /** SHA-256 of the policy's canonical form, 64 lower-case hex digits: the same text decides the same. */
  readonly version: string;
  /** Of a path with several readings, what allows must allow all of them, and what refuses, refuses any of them. */
  decide(request: PolicyRequest): Decision;
}

/** Where decisions are only recorded: a refused request passes, and its event says that it would have been refused. */
export interface DryRun {
  /** Everywhere. */
  readonly dryRun?: boolean | undefined;
  /** On these routes, by their paths. */
  readonly dryRunRoutes?: readonly string[] | undefined;
}

/** Whether decisions hold on a route. */
export function isEnforced({ dryRun = false, dryRunRoutes = [] }: DryRun, routePath: string): boolean {
  return !dryRun && !dryRunRoutes.includes(routePath);
}

/** Stands for a rule where none fitted. */
export const DEFAULT_RULE = '(default)';
