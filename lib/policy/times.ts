/** An instant in UTC to the second (RFC 3339), so that it means the same everywhere. */
const INSTANT = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}Z$/;
const HOURS = /^([01]\d|2[0-3]):([0-5]\d)-([01]\d|2[0-4]):([0-5]\d)$/;
const DAY_MS = 24 * 3_600_000;

/** Epoch milliseconds; undefined for what is no instant. */
export function instantOf(text: string): number | undefined {
  const time = INSTANT.test(text) ? Date.parse(text) : Number.NaN;
  // Some engines take the 31st of February for a day in March.
  return Number.isNaN(time) || new Date(time).toISOString().slice(0, 19) !== text.slice(0, 19) ? undefined : time;
}

/** Milliseconds of a day; undefined for what is no span of hours. */
export function hoursOf(text: string): { readonly from: number; readonly until: number } | undefined {
  const [, ...parts] = HOURS.exec(text) ?? [];
  const [fromHours = 0, fromMinutes = 0, untilHours = 0, untilMinutes = 0] = parts.map(Number);
  const from = (fromHours * 60 + fromMinutes) * 60_000;
  const until = (untilHours * 60 + untilMinutes) * 60_000;
  return parts.length === 0 || from === until || until > DAY_MS ? undefined : { from, until };
}

/** Makes a test of epoch milliseconds; spans may go over midnight. */
export function hoursTest(spans: readonly string[]): (time: number) => boolean {
  const known = spans.flatMap((text) => hoursOf(text) ?? []);
  return (time) => {
    const ofDay = time % DAY_MS;
    return known.some(({ from, until }) =>
      from < until ? ofDay >= from && ofDay < until : ofDay >= from || ofDay < until,
    );
  };
}
