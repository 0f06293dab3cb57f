/**
 * The canonical form of an event: RFC 8785 (JSON Canonicalization Scheme).
 *
 * Events hold no floats and no control characters (see clean.ts), so that RFC 8785 comes down to sorted keys,
 * no white space, and two escapes in strings. `lib/event/sql/canonical.ts` says the same in SQL.
 *
 * @see https://www.rfc-editor.org/rfc/rfc8785
 */
export type Canonicalizable =
  string | number | boolean | undefined | readonly Canonicalizable[] | { readonly [name: string]: Canonicalizable };

/**
 * Writes a value in canonical form. Fields that are undefined are left out.
 *
 * @throws TypeError on a number that is not a safe integer, and on null.
 */
export function canonicalize(value: unknown): string {
  switch (typeof value) {
    case 'string':
      return JSON.stringify(value);
    case 'number':
      if (!Number.isSafeInteger(value)) throw new TypeError(`not a safe integer: ${value}`);
      return String(value);
    case 'boolean':
      return value ? 'true' : 'false';
    case 'object':
      if (value === null) throw new TypeError('null has no place in an event: leave the field out');
      return Array.isArray(value) ? canonicalList(value) : canonicalStruct(value as Record<string, unknown>);
    default:
      throw new TypeError(`cannot canonicalize a ${typeof value}`);
  }
}

function canonicalList(list: readonly unknown[]): string {
  return '[' + list.map(canonicalize).join(',') + ']';
}

function canonicalStruct(struct: Readonly<Record<string, unknown>>): string {
  let text = '';
  // Names are ASCII, so the default sort (UTF-16 code units) is the order RFC 8785 asks for.
  for (const name of Object.keys(struct).sort()) {
    const value = struct[name];
    if (value === undefined) continue;
    text += (text === '' ? '{"' : ',"') + name + '":' + canonicalize(value);
  }
  return text === '' ? '{}' : text + '}';
}
