import type { Field } from '../field';
import { auditEventSchema } from '../schema';
import { identifier, literal, type Dialect } from './dialect';

/**
 * The canonical form of an event (see ../canonical.ts) as one SQL expression over the nested columns, derived from the
 * schema, so that the engine that holds the log can recompute every fingerprint itself.
 *
 * It is injective: two rows give the same text only if they hold the same values. So each string is escaped by itself;
 * quoting all at once at the end would let a forged string that holds the placeholder pass for several fields.
 * What counts as absent: NULL, a struct of nothing but absent fields, a list without elements.
 */
export function canonicalSql(dialect: Dialect): string {
  const fields = Object.entries(auditEventSchema).map(([name, field]) => [name, field, identifier(name)] as const);
  return structText(fields, new Writer(dialect));
}

/** The canonical form of one field of an event; NULL where it is absent. */
export function canonicalFieldSql(dialect: Dialect, name: keyof typeof auditEventSchema): string {
  return text(auditEventSchema[name], identifier(name), new Writer(dialect), name);
}

/** The fingerprint of an event (see ../fingerprint.ts), recomputed from its row: 64 lower-case hex digits. */
export function fingerprintSql(dialect: Dialect): string {
  return dialect.sha256Hex(canonicalSql(dialect));
}

/** The fingerprint covers everything but itself. */
const NOT_COVERED = 'attestation_list.fingerprint';

type Member = readonly [name: string, field: Field, value: string];

class Writer {
  private variables = 0;
  constructor(readonly dialect: Dialect) {}

  /** A name that no other lambda of the expression has. */
  variable(): string {
    this.variables += 1;
    return `v${this.variables}`;
  }

  /** Members of a struct that is reached as `struct`. */
  members(fields: Readonly<Record<string, Field>>, struct: string, path: string): Member[] {
    return Object.entries(fields)
      .filter(([name]) => `${path}.${name}` !== NOT_COVERED)
      .map(([name, field]) => [name, field, `${struct}.${identifier(name)}`]);
  }
}

function structText(members: readonly Member[], writer: Writer, path = ''): string {
  // Names are ASCII: the default sort is the order of RFC 8785. What is absent is NULL, and NULL goes through `||`.
  const parts = [...members]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, field, value]) => member(name, field, value, writer, path === '' ? name : `${path}.${name}`));
  return `'{' || ${writer.dialect.joinPresent(parts)} || '}'`;
}

function member(name: string, field: Field, value: string, writer: Writer, path: string): string {
  return field.kind === 'string'
    ? `${literal(`"${name}":"`)} || ${escaped(value)} || '"'`
    : `${literal(`"${name}":`)} || ${text(field, value, writer, path)}`;
}

function text(field: Field, value: string, writer: Writer, path: string): string {
  const { dialect } = writer;
  switch (field.kind) {
    case 'string':
      return `'"' || ${escaped(value)} || '"'`;
    case 'integer':
    case 'boolean':
      return `CAST(${value} AS varchar)`;
    case 'struct':
      return dialect.overStruct(value, writer.variable(), (struct) =>
        structText(writer.members(field.fields, struct, path), writer, path),
      );
    case 'list': {
      // `row IS NULL` means different things to different engines, so the text of an element is asked, not the element.
      const elements = dialect.mapList(value, writer.variable(), (element) =>
        listElement(field.element, element, writer, path),
      );
      return `'[' || ${dialect.joinList(elements)} || ']'`;
    }
  }
}

function listElement(field: Field, element: string, writer: Writer, path: string): string {
  const value =
    field.kind === 'struct'
      ? structText(writer.members(field.fields, element, path), writer, path)
      : text(field, element, writer, path);
  return `coalesce(${value}, 'null')`;
}

/** The two escapes that RFC 8785 leaves for strings without control characters. */
function escaped(value: string): string {
  return `replace(replace(${value}, '\\', '\\\\'), '"', '\\"')`;
}
