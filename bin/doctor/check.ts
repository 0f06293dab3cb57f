/** What came of one check. */
export interface CheckResult {
  /** Stable, for scripts. */
  readonly name: CheckName;
  /** `not_checked` where such a trail has nothing to check, or an earlier check failed. */
  readonly outcome: 'ok' | 'failed' | 'not_checked';
  readonly detail: string;
  /** What to do; only where it failed. */
  readonly advice?: string;
}

/** Every check in its order, with what it proves. */
export const CHECKS = {
  request: 'a request gets through, and its answer has a request id',
  arrival: 'its audit event lies in the trail',
  query: 'it can be queried',
  edge_log: 'the edge log has the request too',
  default_lock: 'the bucket locks new objects by itself',
  lock: 'its object is locked in COMPLIANCE mode for as long as promised',
  delete: 'its object cannot be deleted',
  shorten: 'its lock cannot be shortened',
  seal: 'its object is in the ledger, whose signature is right',
} as const;

export type CheckName = keyof typeof CHECKS;

export const ok = (name: CheckName, detail: string): CheckResult => ({ name, outcome: 'ok', detail });
export const failed = (name: CheckName, detail: string, advice: string): CheckResult => ({ name, outcome: 'failed', detail, advice }); // prettier-ignore
export const notChecked = (name: CheckName, detail: string): CheckResult => ({ name, outcome: 'not_checked', detail });
