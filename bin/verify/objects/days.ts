import { partitionOf } from '../../../lib/event/keys';
import { isDate } from '../../../lib/event/objects/names';
import { dayOf, hoursTouched } from '../events/window';
import type { DaysListed } from '../trail/trail-store';

const DAY_MS = 86_400_000;

/** The days that an incremental run lists: those that later leaves touch, and all from one on. */
export class Days implements DaysListed {
  private readonly days = new Set<string>();
  /** The first of the days that are listed in any case. */
  readonly since: string;

  /** @param time whose day and the one before are listed, and all later days; epoch milliseconds */
  constructor(time: number) {
    this.since = partitionOf(time - DAY_MS).dt;
  }

  /** Takes in the day of an object, and that of the hour before. */
  touch(key: string): void {
    for (const hour of hoursTouched(key)) {
      const day = dayOf(hour);
      if (day < this.since) this.days.add(day);
    }
  }

  /** A name that is no date is no day that a writer has ever named: it is looked at. */
  has(day: string): boolean {
    return day >= this.since || this.days.has(day) || !isDate(day);
  }

  /** Days before `since`. */
  get size(): number {
    return this.days.size;
  }
}
