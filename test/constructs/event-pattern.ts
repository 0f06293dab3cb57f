type Pattern = { readonly [key: string]: unknown };

/**
 * Whether EventBridge would match the event, for the operators that the constructs use: equality, `prefix`, `suffix`,
 * `equals-ignore-case` (also within both), `wildcard`, `anything-but` a value or prefixes, `exists`, `$or`. Where the event
 * has a list, one of its elements is enough.
 *
 * @see https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-create-pattern-operators.html
 */
export function matches(pattern: Pattern, event: unknown): boolean {
  return Object.entries(pattern).every(([key, expected]) => {
    if (key === '$or') return (expected as Pattern[]).some((alternative) => matches(alternative, event));
    const value = (event as Pattern | null | undefined)?.[key];
    if (!Array.isArray(expected)) return matches(expected as Pattern, value);
    return expected.some((one) => matchesField(one, value));
  });
}

function matchesField(expected: unknown, value: unknown): boolean {
  if (isOperator(expected, 'exists')) return expected.exists === (value !== undefined);
  const values: unknown[] = Array.isArray(value) ? value : [value];
  return values.some((one) => typeof one === 'string' && matchesText(expected, one));
}

function matchesText(expected: unknown, text: string): boolean {
  if (typeof expected === 'string') return expected === text;
  if (isOperator(expected, 'equals-ignore-case')) return lower(expected['equals-ignore-case']) === lower(text);
  if (isOperator(expected, 'prefix')) return matchesEnd(expected.prefix, text, 'startsWith');
  if (isOperator(expected, 'suffix')) return matchesEnd(expected.suffix, text, 'endsWith');
  if (isOperator(expected, 'wildcard')) return wildcard(expected.wildcard).test(text);
  if (isOperator(expected, 'anything-but')) return !matchesExcluded(expected['anything-but'], text);
  throw new Error(`operator ${JSON.stringify(expected)}`);
}

function matchesEnd(end: unknown, text: string, test: 'startsWith' | 'endsWith'): boolean {
  if (typeof end === 'string') return text[test](end);
  if (isOperator(end, 'equals-ignore-case')) return lower(text)[test](lower(end['equals-ignore-case']));
  throw new Error(`operator ${JSON.stringify(end)}`);
}

function matchesExcluded(excluded: unknown, text: string): boolean {
  if (typeof excluded === 'string') return excluded === text;
  if (!isOperator(excluded, 'prefix')) throw new Error(`anything-but ${JSON.stringify(excluded)}`);
  const { prefix } = excluded;
  return (Array.isArray(prefix) ? prefix : [prefix]).some((one) => text.startsWith(String(one)));
}

/** An operator stands alone in its object. */
function isOperator<K extends string>(expected: unknown, name: K): expected is Record<K, unknown> {
  if (typeof expected !== 'object' || expected === null) return false;
  return Object.keys(expected).length === 1 && name in expected;
}

function wildcard(text: unknown): RegExp {
  const parts = String(text)
    .split('*')
    .map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'));
  return new RegExp(`^${parts.join('.*')}$`, 's');
}

const lower = (text: unknown) => String(text).toLowerCase();
