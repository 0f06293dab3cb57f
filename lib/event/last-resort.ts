import type { SealedEvent } from './chain';
import { cutString } from './clean';

/** The `type` of a log line that carries an event which no sink took; metric filter, alarm and replay look for it. */
export const LAST_RESORT_MARK = 'audit_proxy_last_resort';

/**
 * Longest line in bytes, as written. CloudWatch Logs takes 256 KiB an event (1 MiB since April 2025), but a function's
 * log cuts lines earlier: they come through a pipe of 64 KiB and have been seen cut at its borders. Half of that leaves
 * room for whoever wraps a line once more (each `"` and `\` then takes two bytes).
 *
 * @see https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/cloudwatch_limits_cwl.html
 */
export const MAX_LINE_BYTES = 32 * 1024;

/** UTF-16 code units of the event in one part. Each takes at most three bytes in a JSON string: it holds no controls. */
const PART_LENGTH = 9_000;

/** UTF-16 code units of the reason; each takes at most six bytes in a JSON string. */
const MAX_REASON_LENGTH = 500;

/** What each line says. A whole event is `event` itself, one that was cut has the next piece of its line in `slice`. */
export interface LastResortPart {
  readonly type: typeof LAST_RESORT_MARK;
  readonly uid: string;
  /** Of the event, not of the line. */
  readonly fingerprint: string;
  /** From 1. The event is counted by its part 1. */
  readonly part: number;
  readonly parts: number;
  /** Why no sink took it. */
  readonly reason: string;
  readonly event?: object;
  readonly slice?: string;
}

/**
 * An event that no sink took, as lines for the function's log, without line breaks: one, or several where it is too
 * long. `last-resort-reader.ts` makes the same event of them again.
 *
 * @param reason why no sink took it; cut to 500 characters
 */
export function lastResortLines(sealed: SealedEvent, reason: string): string[] {
  const { uid, fingerprint, event } = sealed;
  const common = { type: LAST_RESORT_MARK, uid, fingerprint } as const;
  const why = cutString(reason, MAX_REASON_LENGTH);
  const line = (part: LastResortPart): string => JSON.stringify(part);

  const whole = line({ ...common, part: 1, parts: 1, reason: why, event });
  if (Buffer.byteLength(whole) <= MAX_LINE_BYTES) return [whole];

  const slices = slicesOf(sealed.line);
  const parts = slices.length;
  return slices.map((slice, i) => line({ ...common, part: i + 1, parts, reason: why, slice }));
}

function slicesOf(text: string): string[] {
  const slices: string[] = [];
  for (let rest = text; rest !== '';) {
    // Never between the halves of a surrogate pair.
    const slice = cutString(rest, PART_LENGTH);
    slices.push(slice);
    rest = rest.slice(slice.length);
  }
  return slices;
}
