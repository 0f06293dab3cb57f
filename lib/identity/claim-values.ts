/** Claims of a verified token. Both authorizers pass every value on as a string; lists come as `[a b]` or `a,b`. */
export type Claims = Readonly<Record<string, unknown>>;

/** A claim by its own name only: a token may well have a claim named like a property of every object. */
export function valueOf(claims: Claims, names: readonly string[]): unknown {
  const name = names.find((one) => Object.hasOwn(claims, one) && claims[one] != null);
  return name === undefined ? undefined : claims[name];
}

export function textOf(claims: Claims, names: readonly string[]): string | undefined {
  return names.map((name) => text(valueOf(claims, [name]))).find((value) => value !== undefined);
}

export function text(value: unknown): string | undefined {
  if (typeof value === 'string') return value === '' ? undefined : value;
  return typeof value === 'number' || typeof value === 'boolean' ? String(value) : undefined;
}

/**
 * A list as it was, or as API Gateway makes a text of it: `[a b]` on HTTP APIs, `a,b` on REST APIs; scopes have blanks
 * between them (RFC 6749 section 3.3). What has a blank or comma within a name cannot be told from two names.
 */
export function list(value: unknown): string[] {
  if (Array.isArray(value)) return value.map(String);
  const joined = text(value);
  if (joined === undefined) return [];
  return joined
    .replace(/^\[|\]$/g, '')
    .split(/[\s,]+/)
    .filter((part) => part !== '');
}

/** Seconds since the epoch (RFC 7519 NumericDate), or the date text that REST APIs make of it for Cognito. */
export function milliseconds(value: unknown): number | undefined {
  const seconds = Number(value);
  const time = text(value) === undefined ? NaN : Number.isFinite(seconds) ? seconds * 1000 : Date.parse(String(value));
  return Number.isSafeInteger(Math.round(time)) ? Math.round(time) : undefined;
}
