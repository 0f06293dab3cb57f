import { partitionOf } from '../../../lib/event/keys';
import type { DaysListed } from '../trail/trail-store';

const HOUR_MS = 3_600_000;
/** 9999-12-31T23:59:59.999Z */
const LAST_INSTANT = 253_402_300_799_999;

/** An hour of the trail as text, e.g. `2026-11-24/07`. */
export function hourOfKey(key: string): string | undefined {
  const [, dt, hour] = /dt=(\d{4}-\d\d-\d\d)\/hour=(\d\d)\/[^/]*$/.exec(key) ?? [];
  return dt === undefined ? undefined : `${dt}/${hour}`;
}

/** The hours whose events are looked at: all of a trail, or those that came or changed since an earlier run. */
export class Window {
  private readonly hours = new Set<string>();
  /** Starts of hours of which objects were disposed of by rule, epoch milliseconds. */
  private readonly disposed = new Set<number>();
  private last = '';

  /**
   * @param isWhole whether all hours are in it
   * @param days of which the objects are listed: what is of other days is not in it. Default: all days
   */
  constructor(
    readonly isWhole: boolean,
    private readonly days: DaysListed = { has: () => true },
  ) {}

  /** Takes in the hour of an object, and as margin the one before: chains go on across the border. */
  touch(key: string): void {
    for (const hour of hoursTouched(key)) if (this.days.has(dayOf(hour))) this.hours.add(hour);
  }

  /** Tells of an object that was disposed of after its retention: what it held can be missed, and is no finding. */
  dispose(key: string): void {
    const hour = hourOfKey(key);
    if (hour !== undefined) this.disposed.add(startOfHour(hour));
  }

  /** Whether something of an hour (as its key tells) was disposed of. */
  isDisposed(dt: string | null, hour: string | null): boolean {
    return this.disposed.has(startOfHour(`${dt}/${hour}`));
  }

  /** Whether something was disposed of that is no younger than an hour. */
  isDisposedUpTo(dt: string | null, hour: string | null): boolean {
    const start = startOfHour(`${dt}/${hour}`);
    return [...this.disposed].some((disposed) => disposed <= start);
  }

  /** Whether there is nothing that could lie outside: all hours are in it, and nothing was disposed of. */
  get hasNoBorder(): boolean {
    return this.isWhole && this.disposed.size === 0;
  }

  /** Tells of an object of the trail, in the window or not. */
  note(key: string): void {
    const hour = hourOfKey(key);
    if (hour !== undefined && hour > this.last) this.last = hour;
  }

  /** Whether an object's events are looked at. What lies in no hour always is. */
  has(key: string): boolean {
    const hour = hourOfKey(key);
    return this.isWhole || hour === undefined || this.hours.has(hour);
  }

  /** Whether every hour from a time to another (epoch milliseconds) is in it, with all that was ever there. */
  spans(from: number, to: number): boolean {
    if ([...this.disposed].some((start) => start <= to && start + HOUR_MS > from)) return false;
    if (this.isWhole) return true;
    if (from < 0 || to > LAST_INSTANT) return false; // a forged time
    for (let at = from - (from % HOUR_MS); at <= to; at += HOUR_MS) if (!this.hours.has(hourAt(at))) return false;
    return true;
  }

  /** Whether every hour from one (as its key tells) to the last of the trail is in it. */
  spansFrom(dt: string | null, hour: string | null): boolean {
    return this.hasNoBorder || this.spans(startOfHour(`${dt}/${hour}`), startOfHour(this.last));
  }

  get size(): number {
    return this.hours.size;
  }
}

/** The hour of an object, and the one before. */
export function hoursTouched(key: string): readonly string[] {
  const hour = hourOfKey(key);
  const start = hour === undefined ? NaN : startOfHour(hour);
  return Number.isNaN(start) ? [] : [hour!, hourAt(start - HOUR_MS)];
}

/** The day of an hour, e.g. `2026-11-24`. */
export function dayOf(hour: string): string {
  return hour.slice(0, 10);
}

/** Epoch milliseconds. */
export function startOfHour(hour: string): number {
  return Date.parse(`${hour.replace('/', 'T')}:00:00Z`);
}

function hourAt(time: number): string {
  const { dt, hour } = partitionOf(time);
  return `${dt}/${hour}`;
}
