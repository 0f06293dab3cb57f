import type { ObjectLeaf } from '../../../lib/ledger';
import { noted, type Finding } from '../finding';
import type { ObjectLock, StoredVersion } from '../trail/trail-store';

/** How long objects are kept, and what follows from it. */
export class Retention {
  /** The hour of the last leaf that has one: those without (payloads) were sealed about the same time. */
  private lastHour = Infinity;

  /**
   * @param milliseconds that every object is locked for; undefined where there are no locks, and nothing may be gone
   * @param now epoch milliseconds
   */
  constructor(
    readonly milliseconds: number | undefined,
    private readonly now: number,
  ) {}

  /**
   * Whether an object may be gone by rule: it is at least as old as its hour. Ask in the order of the leaves.
   */
  isOver({ key }: ObjectLeaf): boolean {
    const hour = hourOf(key);
    if (hour !== undefined) this.lastHour = hour;
    return this.milliseconds !== undefined && this.lastHour + this.milliseconds < this.now;
  }

  /** Whether an object could be disposed of by rule at some time (epoch milliseconds): later than its hour is not known. */
  wasOverAt(time: number, key: string): boolean {
    const hour = hourOf(key);
    return this.milliseconds !== undefined && hour !== undefined && hour + this.milliseconds < time;
  }
}

function hourOf(key: string): number | undefined {
  const [, dt, hour] = /(?:^|\/)dt=(\d{4}-\d\d-\d\d)\/hour=(\d\d)\//.exec(key) ?? [];
  const time = dt === undefined ? NaN : Date.parse(`${dt}T${hour}:00:00Z`);
  return Number.isNaN(time) ? undefined : time;
}

/** S3 counts a retention from the time of the request, and tells of the object's in whole seconds. */
const TOLERANCE_MS = 60_000;

/** Compares a version's lock with what is promised. */
export function checkLock(version: StoredVersion, lock: ObjectLock, { milliseconds }: Retention): Finding[] {
  if (lock.mode !== 'COMPLIANCE' || lock.retainUntil === undefined) {
    return [noted('NOT_LOCKED', `version ${version.versionId} has ${lock.mode ?? 'no lock'}`, version.key)];
  }
  const promised = version.since + (milliseconds ?? 0);
  if (lock.retainUntil >= promised - TOLERANCE_MS) return [];
  const [until, due] = [lock.retainUntil, promised].map((time) => new Date(time).toISOString());
  return [
    noted('RETENTION_SHORTENED', `version ${version.versionId} until ${until}, promised until ${due}`, version.key),
  ];
}
