type Pattern = { readonly [key: string]: unknown };

/**
 * Whether EventBridge would match the event, for the operators that the constructs use: equality, `prefix`,
 * `anything-but` a prefix, `$or`.
 *
 * @see https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-event-patterns.html
 */
export function matches(pattern: Pattern, event: unknown): boolean {
  return Object.entries(pattern).every(([key, expected]) => {
    if (key === '$or') return (expected as Pattern[]).some((alternative) => matches(alternative, event));
    const value = (event as Pattern | undefined)?.[key];
    return Array.isArray(expected)
      ? expected.some((one) => matchesValue(one, value))
      : matches(expected as Pattern, value);
  });
}

function matchesValue(expected: unknown, value: unknown): boolean {
  if (typeof expected === 'string') return expected === value;
  if (typeof value !== 'string') return false;
  const { prefix, 'anything-but': not, ...others } = expected as Operators;
  const unknown = Object.keys(others).length > 0 || (prefix === undefined) === (not === undefined);
  if (unknown) throw new Error(`operator ${JSON.stringify(expected)}`);
  return prefix === undefined ? !matchesValue(not, value) : value.startsWith(prefix);
}

interface Operators {
  readonly prefix?: string;
  readonly 'anything-but'?: unknown;
}
