import type { WhoType } from '../event/vocabulary';
import type { DryRun } from './policy';

export const EFFECTS = ['allow', 'deny'] as const;
export type Effect = (typeof EFFECTS)[number];

/** Values of a claim of which one is enough, by the claim's name. */
export type ClaimConditions = Readonly<Record<string, readonly string[]>>;

/** Distinguished names and serial numbers as API Gateway writes them. Without any, every certificate will do. */
export interface CertificateCondition {
  readonly subjects?: readonly string[] | undefined;
  readonly issuers?: readonly string[] | undefined;
  readonly serials?: readonly string[] | undefined;
}

/**
 * A rule: what it says, and for which requests. Every condition that is there must hold; of a list one entry is enough. The
 * first rule that fits decides; what none fits is refused.
 */
export interface Rule {
  /** Told in events; 1 to 100 letters, digits, `-`, `_` and `.`, of one rule only. */
  readonly name: string;
  /** @default allow */
  readonly effect?: string | undefined;
  /** Paths of routes. */
  readonly routes?: readonly string[] | undefined;
  readonly methods?: readonly string[] | undefined;
  /** Patterns of whole paths: `*` stands for one segment, `**` at the end for any number of them, none too. */
  readonly paths?: readonly string[] | undefined;
  /** How callers are known. Who is anonymous is let in only by a rule that says so here. */
  readonly who?: readonly string[] | undefined;
  /** `actor.user.uid` of events. */
  readonly users?: readonly string[] | undefined;
  readonly groups?: readonly string[] | undefined;
  readonly scopes?: readonly string[] | undefined;
  readonly claims?: ClaimConditions | undefined;
  /** Addresses and networks (CIDR), IPv4 and IPv6. */
  readonly sources?: readonly string[] | undefined;
  readonly certificate?: CertificateCondition | undefined;
  /** Instants in UTC, e.g. `2026-12-01T00:00:00Z`; from this one on. */
  readonly validFrom?: string | undefined;
  /** Until before this one. */
  readonly validUntil?: string | undefined;
  /** Of the day, UTC: `08:00-18:00`, also over midnight: `22:00-06:00`. */
  readonly hours?: readonly string[] | undefined;
}

/** Rules as people write them. */
export interface RulesInput extends DryRun {
  readonly rules: readonly Rule[];
}

/** Where a rule does not say whom it means, it is everybody for deny, and everybody but these for allow. */
export const ANONYMOUS: WhoType = 'anonymous';
