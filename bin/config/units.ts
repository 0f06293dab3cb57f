/** `10s` and `500ms` in milliseconds; undefined where it is neither. */
export function parseDuration(text: string): number | undefined {
  const [, digits, unit] = /^([1-9][0-9]*)(ms|s)$/.exec(text) ?? [];
  return digits === undefined ? undefined : Number(digits) * (unit === 's' ? 1000 : 1);
}

/** `365d` in days. */
export function parseDays(text: string): number | undefined {
  const [, digits] = /^([1-9][0-9]*)d$/.exec(text) ?? [];
  return digits === undefined ? undefined : Number(digits);
}

const BYTES: Readonly<Record<string, number>> = { B: 1, KiB: 1024, MiB: 1024 * 1024 };

/** `4MiB`, `512KiB`, `100B` in bytes. */
export function parseSize(text: string): number | undefined {
  const [, digits, unit = ''] = /^(0|[1-9][0-9]*)(B|KiB|MiB)$/.exec(text) ?? [];
  return digits === undefined ? undefined : Number(digits) * (BYTES[unit] ?? Number.NaN);
}
