/**
 * Whether a line of JSON matches a filter pattern of CloudWatch Logs, for what the constructs use: `=` and `!=` with a text
 * (`*` allowed), `NOT EXISTS`, `&&`, `||`, parentheses. A comparison with a field that is not there never holds.
 *
 * @see https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/FilterAndPatternSyntax.html
 */
export function matchesFilter(pattern: string, line: unknown): boolean {
  const tokens = pattern.match(/"(?:[^"\\]|\\.)*"|&&|\|\||!=|[(){}=]|[^\s(){}=!"]+/g) ?? [];
  let at = 0;
  const next = () => tokens[at++]!;
  const take = (expected: string) => {
    const token = next();
    if (token !== expected) throw new Error(`${expected} expected, got ${token} in ${pattern}`);
  };

  const any = (): boolean => joined('||', all, (a, b) => a || b);
  const all = (): boolean => joined('&&', one, (a, b) => a && b);
  function joined(operator: string, part: () => boolean, join: (a: boolean, b: boolean) => boolean): boolean {
    let value = part();
    while (tokens[at] === operator) {
      at++;
      const other = part();
      value = join(value, other);
    }
    return value;
  }
  function one(): boolean {
    const token = next();
    if (token === '(') {
      const value = any();
      take(')');
      return value;
    }
    const field = fieldOf(line, token);
    const operator = next();
    if (operator === 'NOT') {
      take('EXISTS');
      return field === undefined;
    }
    const text = wildcard(JSON.parse(next()) as string);
    if (operator !== '=' && operator !== '!=') throw new Error(`operator ${operator} in ${pattern}`);
    return typeof field === 'string' && text.test(field) === (operator === '=');
  }

  take('{');
  const value = any();
  take('}');
  if (at !== tokens.length) throw new Error(`more after ${pattern}`);
  return value;
}

function fieldOf(line: unknown, path: string): unknown {
  if (!path.startsWith('$.')) throw new Error(`a field, got ${path}`);
  return path
    .slice(2)
    .split('.')
    .reduce((value: unknown, key) => (value as Record<string, unknown> | null | undefined)?.[key], line);
}

function wildcard(text: string): RegExp {
  const parts = text.split('*').map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'));
  return new RegExp(`^${parts.join('.*')}$`, 's');
}
