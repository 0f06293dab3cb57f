import type { TreeHead } from '../merkle/proof';
import type { ObjectVersion } from './objects';

/** What became of the versions that a sealer was given. */
export interface SealReport {
  /** The tree afterwards, published and signed. */
  readonly head: TreeHead;
  /** Appended by this call. */
  readonly sealed: readonly ObjectVersion[];
  /** How many were in the log already. */
  readonly known: number;
  /** There are no such versions, or no longer. */
  readonly missing: readonly ObjectVersion[];
  /** Sealed, but without their events, which could not be read; or with an event that no writer makes. */
  readonly unreadable: readonly { readonly version: ObjectVersion; readonly reason: string }[];
  /** Could not be read now, and are not sealed: give them again. */
  readonly failed: readonly { readonly version: ObjectVersion; readonly error: unknown }[];
}

/** Of two calls, one after the other. */
export function mergeReports(a: SealReport, b: SealReport): SealReport {
  return {
    head: b.head,
    sealed: [...a.sealed, ...b.sealed],
    known: a.known + b.known,
    missing: [...a.missing, ...b.missing],
    unreadable: [...a.unreadable, ...b.unreadable],
    failed: [...a.failed, ...b.failed],
  };
}
